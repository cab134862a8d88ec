"""The portal of e-government (ПЕУ): its SOAP service by the operator's WSDL, and its register over the ESB.

May import what systems share, and no other system.
"""
