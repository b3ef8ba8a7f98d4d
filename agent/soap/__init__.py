"""SOAP: the contract with the province, the gateway that speaks it and the sandbox that answers."""
