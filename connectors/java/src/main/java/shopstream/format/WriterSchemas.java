package shopstream.format;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;

/**
 * The schemas that records were written with, by their ids, each asked of the registry once.
 *
 * <p>That the registry has no such schema is the record's fault. That it does not answer is not:
 * then nothing is known of the record, and the job has to try again later.
 */
final class WriterSchemas {

    private static final int CAPACITY = 1_000;
    private static final long UNKNOWN_IS_REMEMBERED_MS = 30_000;
    /** As the registry says it; a bare 404 comes from a server that is none. */
    private static final int FIRST_NOT_FOUND = 40401;
    private static final int LAST_NOT_FOUND = 40403;

    private final String url;
    private final SchemaRegistryClient client;
    private final Map<Integer, Long> unknown = new HashMap<>();

    WriterSchemas(String url, Map<String, ?> properties) {
        this.url = url;
        this.client = new CachedSchemaRegistryClient(url, CAPACITY, properties);
    }

    /**
     * Asks for the schema of an id.
     *
     * @throws UndecodableException if the registry has none of that id, or one that is not Avro
     * @throws IOException if the registry does not say
     */
    Schema get(int id) throws UndecodableException, IOException {
        Long until = unknown.get(id);
        if (id <= 0 || (until != null && System.currentTimeMillis() < until)) {
            throw unknown(id);
        }
        try {
            return (Schema) client.getSchemaById(id).rawSchema();
        } catch (RestClientException refusal) {
            int code = refusal.getErrorCode();
            if (code < FIRST_NOT_FOUND || code > LAST_NOT_FOUND) {
                throw unavailable(id, refusal);
            }
            if (unknown.size() >= CAPACITY) { // garbage has many ids
                unknown.clear();
            }
            unknown.put(id, System.currentTimeMillis() + UNKNOWN_IS_REMEMBERED_MS);
            throw unknown(id);
        } catch (IOException error) {
            // the client tells so, in words alone, what is no Avro
            if (String.valueOf(error.getMessage()).startsWith("Invalid schema")) {
                throw notAvro(id);
            }
            throw unavailable(id, error);
        } catch (ClassCastException otherKind) {
            throw notAvro(id);
        }
    }

    private static UndecodableException unknown(int id) {
        return new UndecodableException("the registry has no schema of id " + id);
    }

    private static UndecodableException notAvro(int id) {
        return new UndecodableException("schema " + id + " in the registry is not an Avro record");
    }

    private IOException unavailable(int id, Exception cause) {
        return new IOException(
                "no schema registry says at "
                        + url
                        + " what schema "
                        + id
                        + " is; the job tries again with back-off",
                cause);
    }
}
