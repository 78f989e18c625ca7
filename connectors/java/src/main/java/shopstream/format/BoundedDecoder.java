package shopstream.format;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.flink.avro.shaded.org.apache.avro.io.BinaryDecoder;
import org.apache.flink.avro.shaded.org.apache.avro.io.Decoder;
import org.apache.flink.avro.shaded.org.apache.avro.io.DecoderFactory;
import org.apache.flink.avro.shaded.org.apache.avro.util.Utf8;

/**
 * Avro's decoder, which believes no length that is longer than the record itself: garbage claims
 * gigabytes, and Avro reserves them before it looks whether they are there.
 */
final class BoundedDecoder extends Decoder {

    private BinaryDecoder in;
    private int most;

    /** Begins with these bytes, whatever came before. */
    void begin(byte[] bytes, int offset, int length) {
        in = DecoderFactory.get().binaryDecoder(bytes, offset, length, in);
        most = length;
    }

    boolean isEnd() throws IOException {
        return in.isEnd();
    }

    private int believed(long length) throws EOFException {
        if (length < 0 || length > most) {
            throw new EOFException();
        }
        return (int) length;
    }

    @Override
    public Utf8 readString(Utf8 old) throws IOException {
        int length = believed(in.readLong());
        Utf8 text = old == null ? new Utf8() : old;
        text.setByteLength(length);
        in.readFixed(text.getBytes(), 0, length);
        return text;
    }

    @Override
    public String readString() throws IOException {
        return readString(null).toString();
    }

    @Override
    public ByteBuffer readBytes(ByteBuffer old) throws IOException {
        byte[] bytes = new byte[believed(in.readLong())];
        in.readFixed(bytes, 0, bytes.length);
        return ByteBuffer.wrap(bytes);
    }

    @Override
    public long readArrayStart() throws IOException {
        return believed(in.readArrayStart());
    }

    @Override
    public long arrayNext() throws IOException {
        return believed(in.arrayNext());
    }

    @Override
    public long readMapStart() throws IOException {
        return believed(in.readMapStart());
    }

    @Override
    public long mapNext() throws IOException {
        return believed(in.mapNext());
    }

    @Override
    public void readNull() throws IOException {
        in.readNull();
    }

    @Override
    public boolean readBoolean() throws IOException {
        return in.readBoolean();
    }

    @Override
    public int readInt() throws IOException {
        return in.readInt();
    }

    @Override
    public long readLong() throws IOException {
        return in.readLong();
    }

    @Override
    public float readFloat() throws IOException {
        return in.readFloat();
    }

    @Override
    public double readDouble() throws IOException {
        return in.readDouble();
    }

    @Override
    public void readFixed(byte[] bytes, int start, int length) throws IOException {
        in.readFixed(bytes, start, length);
    }

    @Override
    public int readEnum() throws IOException {
        return in.readEnum();
    }

    @Override
    public int readIndex() throws IOException {
        return in.readIndex();
    }

    @Override
    public void skipString() throws IOException {
        in.skipString();
    }

    @Override
    public void skipBytes() throws IOException {
        in.skipBytes();
    }

    @Override
    public void skipFixed(int length) throws IOException {
        in.skipFixed(length);
    }

    @Override
    public long skipArray() throws IOException {
        return in.skipArray();
    }

    @Override
    public long skipMap() throws IOException {
        return in.skipMap();
    }
}
