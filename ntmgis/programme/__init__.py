"""What is asked: tables of the data contract, tiers, criteria and plan targets, all as TOML data."""
