"""The events of the portal of e-government (ПЕУ); may import what all contracts share, no other system's."""
