import org.flywaydb.core.Flyway;

/** Migrates by Flyway; `args` are the URL, the user, and the folders of migrations and of callbacks. */
public class Migrate {
    public static void main(String[] args) {
        Flyway.configure()
                .dataSource(args[0], args[1], null)
                .locations("filesystem:" + args[2])
                .callbackLocations("filesystem:" + args[3])
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
    }
}
