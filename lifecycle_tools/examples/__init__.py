"""Real data sets mapped to the raw contract, built by the project as it is, and compared with what others found in them."""
