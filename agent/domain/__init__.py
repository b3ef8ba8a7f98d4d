"""Pure rules of the field: no input or output, no framework."""
