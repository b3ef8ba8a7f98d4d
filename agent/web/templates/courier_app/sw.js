import { serve } from {{ (prefix + "worker.js") | tojson }};
serve({{ {"version": version, "base": base, "shell": pages, "files": listing} | tojson }});
