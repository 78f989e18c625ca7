package shopstream.rows;

import java.io.IOException;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;

/**
 * The rows (topic, key, value, epoch ms) of a batch, which Python hands over as one MessagePack:
 * each by itself would cost it as much as a decision.
 */
public final class UnpackRows implements FlatMapFunction<byte[], Row> {
    private static final long serialVersionUID = 1L;

    @Override
    public void flatMap(byte[] packed, Collector<Row> rows) throws IOException {
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(packed)) {
            for (int left = unpacker.unpackArrayHeader(); left > 0; left--) {
                unpacker.unpackArrayHeader();
                rows.collect(
                        Row.of(
                                unpacker.unpackString(),
                                bytes(unpacker),
                                bytes(unpacker),
                                unpacker.unpackLong()));
            }
        }
    }

    private static byte[] bytes(MessageUnpacker unpacker) throws IOException {
        return unpacker.readPayload(unpacker.unpackBinaryHeader());
    }
}
