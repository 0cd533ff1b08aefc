"""Pure functions from DataFrames to DataFrames: one module per dataset of the raw, events and features layers."""
