"""Links, languages, drivers and simulators of counter devices."""
