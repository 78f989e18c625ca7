package shopstream.format;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;

/**
 * The columns of a record that could not be read: null, or what is empty where a column is never
 * null, since what Flink generates for such a column does not look whether it is. A time is that of
 * 1970, which moves no watermark.
 */
final class EmptyRow implements Serializable {

    private static final long serialVersionUID = 1L;

    private final RowType type;

    EmptyRow(RowType type) {
        this.type = type;
    }

    /** Puts it into the first fields of {@code row}. */
    void fill(GenericRowData row) {
        List<LogicalType> columns = type.getChildren();
        for (int at = 0; at < columns.size(); at++) {
            row.setField(at, empty(columns.get(at)));
        }
    }

    private static Object empty(LogicalType column) {
        if (column.isNullable()) {
            return null;
        }
        return switch (column.getTypeRoot()) {
            case CHAR, VARCHAR -> StringData.fromString("");
            case BOOLEAN -> false;
            case TINYINT -> (byte) 0;
            case SMALLINT -> (short) 0;
            case INTEGER, DATE, TIME_WITHOUT_TIME_ZONE -> 0;
            case BIGINT -> 0L;
            case FLOAT -> 0f;
            case DOUBLE -> 0d;
            case DECIMAL -> {
                DecimalType decimal = (DecimalType) column;
                yield DecimalData.zero(decimal.getPrecision(), decimal.getScale());
            }
            case TIMESTAMP_WITHOUT_TIME_ZONE, TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
                    TimestampData.fromEpochMillis(0);
            case BINARY, VARBINARY -> new byte[0];
            case ARRAY -> new GenericArrayData(new Object[0]);
            case MAP, MULTISET -> new GenericMapData(Map.of());
            case ROW -> {
                GenericRowData row = new GenericRowData(column.getChildren().size());
                new EmptyRow((RowType) column).fill(row);
                yield row;
            }
            default -> throw new IllegalArgumentException("Avro has no " + column);
        };
    }
}
