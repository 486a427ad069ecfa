"""Real data sets mapped to the raw contract, built by the project as it is, and held against published results."""
