"""Who is who: names, addresses, phones and identifiers brought to one form, indexed and compared, purely."""
