package shopstream.format;

/** Bytes that are no record of the table; trying again will not help. */
final class UndecodableException extends Exception {

    private static final long serialVersionUID = 1L;

    UndecodableException(String reason) {
        super(reason, null, false, false); // garbage comes in floods, and nobody reads its traces
    }
}
