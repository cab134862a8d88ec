"""The events of the portal of e-government (ПЕУ) and what they are answered with."""
