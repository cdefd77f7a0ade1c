import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Reads through the masking proxy as programs on the JVM do; `args` are the URL, the user and the password. */
public class Read {
    public static void main(String[] args) throws SQLException {
        try (Connection connection = DriverManager.getConnection(args[0], args[1], args[2])) {
            try (PreparedStatement prepared = connection.prepareStatement("SELECT email, id FROM customers WHERE id = ?")) {
                for (int id = 1; id <= 7; id++) {
                    prepared.setInt(1, id);
                    try (ResultSet rows = prepared.executeQuery()) {
                        rows.next();
                        System.out.println(rows.getString(1) + " " + rows.getInt(2));
                    }
                }
            }
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(10);
                int count = 0;
                try (ResultSet rows = statement.executeQuery("SELECT total FROM public.orders")) {
                    while (rows.next()) {
                        count++;
                    }
                }
                System.out.println("orders " + count);
                try {
                    statement.executeUpdate("DELETE FROM public.orders");
                } catch (SQLException refused) {
                    System.out.println("refused " + refused.getSQLState());
                }
            }
            connection.rollback();
            DatabaseMetaData metadata = connection.getMetaData();
            try (ResultSet columns = metadata.getColumns(null, "public", "customers", "%")) {
                int count = 0;
                while (columns.next()) {
                    count++;
                }
                System.out.println("columns " + count);
            }
        }
    }
}
