// A client of the contract in JAX-WS (Metro): reads an operation and its request as XML, calls through the classes that
// wsimport made from the WSDL, answers the response as XML; all XML in base64, one line each.
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import javax.jws.WebMethod;
import javax.xml.bind.JAXBContext;
import javax.xml.bind.JAXBException;
import vn.tthc.Fault;
import vn.tthc.Fault_Exception;
import vn.tthc.ObjectFactory;
import vn.tthc.TthcPortType;
import vn.tthc.TthcService;

public class SoapClient {
    public static void main(String[] given) throws Exception {
        TthcPortType port = new TthcService(new URL(given[0])).getTthcPort();
        JAXBContext context = JAXBContext.newInstance(ObjectFactory.class);
        Map<String, Method> operations = new TreeMap<>();
        for (Method method : TthcPortType.class.getMethods()) {
            operations.put(method.getAnnotation(WebMethod.class).operationName(), method);
        }
        System.out.println("operations " + String.join(",", operations.keySet()));
        BufferedReader asked = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line = asked.readLine(); line != null; line = asked.readLine()) {
            String[] parts = line.split(" ");
            byte[] xml = Base64.getDecoder().decode(parts[1]);
            Object request = context.createUnmarshaller().unmarshal(new ByteArrayInputStream(xml));
            try {
                say("answer", context, operations.get(parts[0]).invoke(port, request));
            } catch (InvocationTargetException outer) {
                if (outer.getCause() instanceof Fault_Exception) {
                    Fault fault = ((Fault_Exception) outer.getCause()).getFaultInfo();
                    System.out.println("fault " + fault.getErrorCode() + " " + fault.isRetryable() + " " + fault.getField());
                } else {
                    System.out.println("broken " + String.valueOf(outer.getCause()).replace('\n', ' '));
                }
            }
        }
    }

    private static void say(String word, JAXBContext context, Object value) throws JAXBException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        context.createMarshaller().marshal(value, out);
        System.out.println(word + " " + Base64.getEncoder().encodeToString(out.toByteArray()));
    }
}
