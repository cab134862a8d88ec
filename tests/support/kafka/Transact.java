import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Base64;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A transactional producer that does what the lines of its input say, and answers each with a line. */
class Transact {
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", arguments[0], "transactional.id", arguments[1]);
        ByteArraySerializer bytes = new ByteArraySerializer();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, bytes, bytes)) {
            producer.initTransactions();
            System.out.println("ready");
            BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
            for (String line; (line = input.readLine()) != null; ) {
                String[] words = line.split(" ");
                switch (words[0]) {
                    case "begin" -> producer.beginTransaction();
                    case "send" -> producer.send(record(words)).get();
                    case "commit" -> producer.commitTransaction();
                    case "abort" -> producer.abortTransaction();
                    default -> throw new IllegalArgumentException(words[0]);
                }
                System.out.println("done");
            }
        }
    }

    private static ProducerRecord<byte[], byte[]> record(String[] words) {
        ProducerRecord<byte[], byte[]> made = new ProducerRecord<>(words[1], decoded(words[2]), decoded(words[3]));
        for (int place = 4; place < words.length; place += 2) {
            made.headers().add(words[place], decoded(words[place + 1]));
        }
        return made;
    }

    private static byte[] decoded(String text) {
        return Base64.getDecoder().decode(text);
    }
}
