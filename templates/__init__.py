"""The words of mails and pages; no logic beyond if and for."""
