import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;

/** Starts mongo-java-server on a port of the loopback host, until it is ended. */
public class MongoServerMain {
    public static void main(String[] arguments) throws Exception {
        new MongoServer(new MemoryBackend().version(ServerVersion.MONGO_5_0)).bind("127.0.0.1", Integer.parseInt(arguments[0]));
        Thread.currentThread().join();
    }
}
