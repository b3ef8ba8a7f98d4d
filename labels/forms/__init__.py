"""The office's paper forms as PDF, one form a module: a frozen dataclass and its `render`."""
