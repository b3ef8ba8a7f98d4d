// A client of the contract in gSOAP: reads an operation and its request as XML, calls through the classes that wsdl2h and
// soapcpp2 made from the WSDL, answers the response as XML; all XML in base64, one line each.
#include "TthcBinding.nsmap"
#include "soapTthcBindingProxy.h"
#include <iostream>
#include <map>
#include <sstream>

using Call = std::string (*)(TthcBindingProxy &, const std::string &);

static std::string base64(const std::string &data) {
  struct soap *context = soap_new();
  const char *text = soap_s2base64(context, (const unsigned char *)data.data(), NULL, (int)data.size());
  std::string made(text);
  soap_destroy(context), soap_end(context), soap_free(context);
  return made;
}

static std::string plain(const std::string &text) {
  struct soap *context = soap_new();
  int size = 0;
  const char *data = soap_base642s(context, text.c_str(), NULL, 0, &size);
  std::string made(data, size);
  soap_destroy(context), soap_end(context), soap_free(context);
  return made;
}

static std::string refused(struct soap *soap) {
  if (soap->fault && soap->fault->detail && soap->fault->detail->ns1__Fault) {
    _ns1__Fault *fault = soap->fault->detail->ns1__Fault;
    return "fault " + fault->errorCode + (fault->retryable ? " true " : " false ") + (fault->field ? *fault->field : "");
  }
  std::ostringstream out;
  soap_stream_fault(soap, out);
  std::string words = out.str();
  for (char &letter : words) letter = letter == '\n' ? ' ' : letter;
  return "broken " + words;
}

// One operation: its request read, the call made, its response written.
#define OPERATION(NAME)                                                                          \
  {#NAME, [](TthcBindingProxy &proxy, const std::string &xml) -> std::string {                   \
     struct soap *context = soap_new1(SOAP_C_UTFSTRING | SOAP_XML_STRICT);                       \
     std::istringstream in(xml);                                                                 \
     std::ostringstream out;                                                                     \
     _ns1__##NAME request;                                                                       \
     _ns1__##NAME##Response response;                                                            \
     context->is = &in;                                                                          \
     std::string said;                                                                           \
     if (soap_read__ns1__##NAME(context, &request)) said = refused(context);                     \
     else if (proxy.NAME(&request, response)) said = refused(proxy.soap);                        \
     else {                                                                                      \
       context->os = &out;                                                                       \
       soap_write__ns1__##NAME##Response(context, &response);                                    \
       said = "answer " + base64(out.str());                                                     \
     }                                                                                           \
     soap_destroy(context), soap_end(context), soap_free(context);                               \
     return said;                                                                                \
   }}

static const std::map<std::string, Call> OPERATIONS = {
#include "operations.inc"
};

int main(int, char **given) {
  TthcBindingProxy proxy(given[1], SOAP_C_UTFSTRING | SOAP_XML_STRICT | SOAP_IO_KEEPALIVE);
  std::string names, operation, xml;
  for (const auto &one : OPERATIONS) names += (names.empty() ? "" : ",") + one.first;
  std::cout << "operations " << names << std::endl;
  while (std::cin >> operation >> xml) {
    std::cout << OPERATIONS.at(operation)(proxy, plain(xml)) << std::endl;
    proxy.destroy();
  }
}
