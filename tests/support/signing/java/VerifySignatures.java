import java.io.File;
import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.stream.Stream;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Verifies signed documents by the implementation of XML signatures that is part of Java.
 *
 * <p>The argument is a folder with NAME.xml and NAME.pem, the certificate. For each document it prints one line: NAME,
 * a tab, and "valid" with the references' URIs, "invalid" (the signature's or a digest's fault), or "refused" with the
 * reason.
 */
public class VerifySignatures {
    private static final String WSU =
            "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

    public static void main(String[] arguments) throws Exception {
        try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
            for (Path file : files.filter(one -> one.toString().endsWith(".xml")).toList()) {
                String name = file.getFileName().toString().replace(".xml", "");
                System.out.println(name + "\t" + verdict(file.toFile(), file.resolveSibling(name + ".pem")));
            }
        }
    }

    private static String verdict(File file, Path certificate) {
        try {
            return verified(parsed(file), read(certificate));
        } catch (Exception refused) {
            StringBuilder reasons = new StringBuilder("refused");
            for (Throwable one = refused; one != null; one = one.getCause()) {
                reasons.append(": ").append(one.getMessage());
            }
            return reasons.toString().replaceAll("\\s+", " ");
        }
    }

    private static String verified(Document document, X509Certificate certificate) throws Exception {
        DOMValidateContext context = new DOMValidateContext(
                KeySelector.singletonKeySelector(certificate.getPublicKey()), onlySignature(document));
        context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
        XMLSignature signature = XMLSignatureFactory.getInstance("DOM").unmarshalXMLSignature(context);
        if (!signature.validate(context)) {
            return "invalid";
        }
        StringBuilder uris = new StringBuilder("valid");
        for (var reference : signature.getSignedInfo().getReferences()) {
            uris.append(" [").append(reference.getURI()).append("]");
        }
        return uris.toString();
    }

    private static Element onlySignature(Document document) {
        NodeList found = document.getElementsByTagNameNS(XMLSignature.XMLNS, "Signature");
        if (found.getLength() != 1) {
            throw new IllegalArgumentException(found.getLength() + " signatures");
        }
        return (Element) found.item(0);
    }

    private static Document parsed(File file) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        var builder = factory.newDocumentBuilder();
        builder.setErrorHandler(null);
        Document document = builder.parse(file);
        NodeList elements = document.getElementsByTagName("*");
        for (int at = 0; at < elements.getLength(); at++) {
            Element element = (Element) elements.item(at);
            if (element.hasAttributeNS(WSU, "Id")) {
                element.setIdAttributeNS(WSU, "Id", true);
            }
        }
        return document;
    }

    private static X509Certificate read(Path file) throws Exception {
        try (var stream = new FileInputStream(file.toFile())) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(stream);
        }
    }
}
