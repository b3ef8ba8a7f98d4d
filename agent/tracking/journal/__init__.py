"""The custody journal: what phones send is kept, ordered, applied; conflicts, corrections and alarms."""
