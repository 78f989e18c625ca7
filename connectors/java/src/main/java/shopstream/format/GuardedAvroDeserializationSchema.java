package shopstream.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericDatumReader;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericRecord;
import org.apache.flink.formats.avro.AvroToRowDataConverters;
import org.apache.flink.formats.avro.AvroToRowDataConverters.AvroToRowDataConverter;
import org.apache.flink.formats.avro.typeutils.AvroSchemaConverter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.util.Collector;

/**
 * Reads values in the Confluent wire format: a zero byte, the schema's id (4 bytes, big-endian), the
 * Avro record. See {@link GuardedAvroFormat} for what a row holds.
 *
 * <p>It reads from the record's bytes, with a reader for each schema: Flink's own format keeps one
 * decoder on one stream, in which a record that fails would leave bytes that the next one begins
 * with.
 */
final class GuardedAvroDeserializationSchema implements DeserializationSchema<RowData> {

    private static final long serialVersionUID = 1L;
    private static final int HEADER_BYTES = 5;
    private static final int LONGEST_REASON = 500;

    private final String url;
    private final Map<String, ?> properties;
    private final Schema schema;
    private final AvroToRowDataConverter converter;
    private final EmptyRow empty;
    private final TypeInformation<RowData> produced;
    private final int columns;
    private final int width;
    private final int errorAt;
    private final int rawAt;
    private final int sizeAt;

    private transient WriterSchemas schemas;
    private transient Map<Integer, GenericDatumReader<GenericRecord>> readers;
    private transient BoundedDecoder decoder;
    private transient GenericRecord record;
    private transient Counter undecodable;

    GuardedAvroDeserializationSchema(
            RowType type,
            List<String> metadata,
            String url,
            Map<String, ?> properties,
            TypeInformation<RowData> produced) {
        this.url = url;
        this.properties = properties;
        this.schema = AvroSchemaConverter.convertToSchema(type);
        this.converter = AvroToRowDataConverters.createRowConverter(type);
        this.empty = new EmptyRow(type);
        this.produced = produced;
        this.columns = type.getFieldCount();
        this.width = columns + metadata.size();
        this.errorAt = place(metadata, GuardedAvroFormat.ERROR);
        this.rawAt = place(metadata, GuardedAvroFormat.RAW);
        this.sizeAt = place(metadata, GuardedAvroFormat.SIZE);
    }

    private int place(List<String> metadata, String key) {
        int at = metadata.indexOf(key);
        return at < 0 ? at : columns + at;
    }

    @Override
    public void open(InitializationContext context) {
        schemas = new WriterSchemas(url, properties);
        readers = new HashMap<>();
        decoder = new BoundedDecoder();
        undecodable = context.getMetricGroup().counter("undecodable_records");
    }

    @Override
    public void deserialize(byte[] value, Collector<RowData> rows) throws IOException {
        RowData row = deserialize(value);
        if (row != null) {
            rows.collect(row);
        }
    }

    /** The row; null for what cannot be read if the table does not ask for errors. */
    @Override
    public RowData deserialize(byte[] value) throws IOException {
        GenericRowData row;
        try {
            row = widened((GenericRowData) converter.convert(read(value)));
        } catch (UndecodableException reason) {
            row = undecodable(reason.getMessage());
        } catch (RuntimeException | StackOverflowError reason) { // of many kinds, as garbage has it
            String said = reason.getMessage() == null ? reason.toString() : reason.getMessage();
            row = undecodable("not a record of schema " + schemaId(value) + ": " + said);
        }
        if (row != null && rawAt >= 0) {
            row.setField(rawAt, value);
        }
        if (row != null && sizeAt >= 0) {
            row.setField(sizeAt, value == null ? 0 : value.length);
        }
        return row;
    }

    /**
     * The record.
     *
     * @throws UndecodableException or a RuntimeException if the bytes are none
     * @throws IOException if the registry does not answer: nothing is known about the record
     */
    private GenericRecord read(byte[] value) throws UndecodableException, IOException {
        if (value == null) {
            throw new UndecodableException("expected an Avro record, came no value");
        }
        if (value.length < HEADER_BYTES || value[0] != 0) {
            throw new UndecodableException(
                    "expected Avro with a schema id, which starts with byte 0x00 and 4 bytes of id, came "
                            + (value.length < HEADER_BYTES
                                    ? "only " + value.length + " bytes"
                                    : String.format("byte 0x%02x", value[0])));
        }
        int id = schemaId(value);
        GenericDatumReader<GenericRecord> reader = readers.get(id);
        if (reader == null) {
            reader = new GenericDatumReader<>(schemas.get(id), schema);
            readers.put(id, reader);
        }
        decoder.begin(value, HEADER_BYTES, value.length - HEADER_BYTES);
        try {
            record = reader.read(record, decoder);
            if (!decoder.isEnd()) {
                throw new UndecodableException(
                        "expected the record to end where schema "
                                + id
                                + " says, came more: "
                                + value.length
                                + " bytes in all");
            }
            return record;
        } catch (EOFException cutOff) {
            throw new UndecodableException(
                    "expected a whole record of schema "
                            + id
                            + ", came one cut off after "
                            + value.length
                            + " bytes");
        } catch (IOException garbled) { // there is no input to fail but the bytes themselves
            throw new UndecodableException("not a record of schema " + id + ": " + garbled);
        }
    }

    private static int schemaId(byte[] value) {
        return ByteBuffer.wrap(value, 1, 4).getInt();
    }

    private GenericRowData widened(GenericRowData row) {
        if (width == columns) {
            return row;
        }
        GenericRowData wide = new GenericRowData(width);
        for (int at = 0; at < columns; at++) {
            wide.setField(at, row.getField(at));
        }
        return wide;
    }

    private GenericRowData undecodable(String reason) {
        undecodable.inc();
        record = null; // it is half of what failed
        if (errorAt < 0) {
            return null;
        }
        GenericRowData row = new GenericRowData(width);
        empty.fill(row);
        int end = Math.min(reason.length(), LONGEST_REASON);
        row.setField(errorAt, StringData.fromString(reason.substring(0, end)));
        return row;
    }

    @Override
    public boolean isEndOfStream(RowData next) {
        return false;
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
        return produced;
    }
}
