import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Needs Java 17 and org.apache.kafka:kafka-clients: java -cp 'jars/*' SendUpdate.java */
public class SendUpdate {
  public static void main(String[] args) throws Exception {
    var settings = new Properties();
    settings.put("bootstrap.servers", variable("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"));
    settings.put("acks", "all");
    // One key for each file: its updates stay in order, and in one worker's hands.
    var key = "krn:acme:client:1/orders.csv";
    var update = """
        {
          "clientKrn": "krn:acme:client:1",
          "email": "loader@acme.example",
          "filename": "orders.csv",
          "counts": { "done": 500, "warn": 3, "failed": 0 },
          "total": 2000,
          "updateId": "orders.csv lines 1-503"
        }
        """;
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      var topic = variable("KAFKA_TOPIC_NAME", "progress-updates");
      // Waits for the broker: what it did not take is thrown here.
      producer.send(new ProducerRecord<>(topic, key, update)).get();
    }
  }

  private static String variable(String name, String standard) {
    return System.getenv().getOrDefault(name, standard);
  }
}
