"""The applicant's desk: beginning an application, its form, its files, the pre-check, submitting, and where it stands."""
