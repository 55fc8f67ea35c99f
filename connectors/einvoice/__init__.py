"""What every integrator of electronic invoices does alike, and what the tax office's codes mean."""
