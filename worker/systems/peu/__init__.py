"""The portal of e-government (ПЕУ): its SOAP service by the operator's own WSDL, and its register over the ESB."""
