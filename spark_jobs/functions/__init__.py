"""What the datasets share: reading records, the record envelope, resolving the fate of records."""
