package shopstream.format;

import java.util.Set;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.formats.avro.registry.confluent.AvroConfluentFormatOptions;
import org.apache.flink.formats.avro.registry.confluent.RegistryAvroFormatFactory;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DeserializationFormatFactory;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.FactoryUtil;

/**
 * The format {@code avro-confluent-guarded}: reads what {@code avro-confluent} reads, with the same
 * options, but a record that it cannot read does not stop the job.
 *
 * <p>Such a record becomes a row with an {@code error}, see {@link GuardedAvroFormat}.
 */
public final class GuardedAvroFormatFactory implements DeserializationFormatFactory {

    private final RegistryAvroFormatFactory plain = new RegistryAvroFormatFactory();

    @Override
    public DecodingFormat<DeserializationSchema<RowData>> createDecodingFormat(
            DynamicTableFactory.Context context, ReadableConfig options) {
        FactoryUtil.validateFactoryOptions(this, options);
        return new GuardedAvroFormat(
                options.get(AvroConfluentFormatOptions.URL),
                RegistryAvroFormatFactory.buildOptionalPropertiesMap(options));
    }

    @Override
    public String factoryIdentifier() {
        return "avro-confluent-guarded";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return plain.requiredOptions();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return plain.optionalOptions();
    }

    @Override
    public Set<ConfigOption<?>> forwardOptions() {
        return plain.forwardOptions();
    }
}
