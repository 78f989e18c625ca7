package shopstream.format;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.utils.DataTypeUtils;

/**
 * What a table may ask of each record beside its columns, as metadata:
 *
 * <ul>
 *   <li>{@code error}: why it could not be read; null if it could. The row of such a record has null
 *       in its columns, or what is empty in those that are never null. A table that does not ask for
 *       the error gets no such rows.
 *   <li>{@code raw}: the record's value as it came; null if it had none.
 *   <li>{@code size}: its length in bytes.
 * </ul>
 */
final class GuardedAvroFormat implements DecodingFormat<DeserializationSchema<RowData>> {

    static final String ERROR = "error";
    static final String RAW = "raw";
    static final String SIZE = "size";

    private final String url;
    private final Map<String, ?> properties;
    private List<String> metadata = List.of();

    GuardedAvroFormat(String url, Map<String, ?> properties) {
        this.url = url;
        this.properties = properties;
    }

    @Override
    public Map<String, DataType> listReadableMetadata() {
        Map<String, DataType> readable = new LinkedHashMap<>();
        readable.put(ERROR, DataTypes.STRING().nullable());
        readable.put(RAW, DataTypes.BYTES().nullable());
        readable.put(SIZE, DataTypes.INT().notNull());
        return readable;
    }

    @Override
    public void applyReadableMetadata(List<String> metadataKeys) {
        metadata = List.copyOf(metadataKeys);
    }

    @Override
    public DeserializationSchema<RowData> createRuntimeDecoder(
            DynamicTableSource.Context context, DataType physicalType) {
        Map<String, DataType> readable = listReadableMetadata();
        DataType produced =
                DataTypeUtils.appendRowFields(
                        physicalType,
                        metadata.stream()
                                .map(key -> DataTypes.FIELD(key, readable.get(key)))
                                .toList());
        return new GuardedAvroDeserializationSchema(
                (RowType) physicalType.getLogicalType(),
                metadata,
                url,
                properties,
                context.createTypeInformation(produced));
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
    }
}
