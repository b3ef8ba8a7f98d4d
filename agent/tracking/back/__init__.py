"""The way back in the delivery office: routes, lists, attempts, invitations, returns and claims."""
