package shopstream.python;

import pemja.core.PythonInterpreter;
import pemja.core.PythonInterpreterConfig;

/**
 * An agent for a TaskManager's JVM: it starts the Python in it before any task wants it.
 *
 * <p>Else the first Python task does, and waits for it in a way that a cancellation interrupts, as
 * when another TaskManager dies just then. pemja (0.5.7) keeps that interruption as the outcome of
 * the start and throws it at every later task, so no Python job runs there again until somebody
 * starts the TaskManager anew. Who waits for a start that has begun already cannot be interrupted.
 */
public final class PythonAtStart {

    private PythonAtStart() {}

    /** Called before the JVM's `main`, with the path of the Python that tasks will name. */
    public static void premain(String python) {
        Thread starter = new Thread(() -> start(python), "python-at-start");
        starter.setDaemon(true);
        starter.start();
    }

    private static void start(String python) {
        PythonInterpreterConfig config =
                PythonInterpreterConfig.newBuilder()
                        .setExcType(PythonInterpreterConfig.ExecType.MULTI_THREAD)
                        .setPythonExec(python)
                        .build();
        new PythonInterpreter(config).close();
    }
}
