"""What every product shows, as plain data with its dictionary: CSV, JSON and a Frictionless data package."""
