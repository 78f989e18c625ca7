import java.util.Arrays;
import pemja.core.PythonInterpreter;
import pemja.core.PythonInterpreterConfig;

/** A task that is cancelled while it waits for Python, and one that comes after it. */
final class InterruptedStart {

    public static void main(String[] arguments) throws InterruptedException {
        Thread cancelled = new Thread(() -> use(arguments[0]));
        cancelled.setUncaughtExceptionHandler((thread, error) -> {});
        cancelled.start();
        while (cancelled.isAlive() && !waitsForPython(cancelled)) {
            Thread.onSpinWait();
        }
        cancelled.interrupt();
        cancelled.join();
        try {
            use(arguments[0]);
            System.out.println("Python runs");
        } catch (Error error) {
            System.out.println("Python never runs: " + error.getMessage());
        }
    }

    private static boolean waitsForPython(Thread task) {
        return Arrays.stream(task.getStackTrace())
                .map(StackTraceElement::toString)
                .anyMatch(frame -> frame.contains("CountDownLatch.await("));
    }

    private static void use(String python) {
        PythonInterpreterConfig config =
                PythonInterpreterConfig.newBuilder()
                        .setExcType(PythonInterpreterConfig.ExecType.MULTI_THREAD)
                        .setPythonExec(python)
                        .build();
        PythonInterpreter interpreter = new PythonInterpreter(config);
        interpreter.exec("answer = 6 * 7");
        interpreter.close();
    }
}
