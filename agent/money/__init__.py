"""Money: tills and their shifts, deposits, variances, remittances, transfers; one verb a file."""
