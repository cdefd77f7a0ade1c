-- One of everything that the SQL Server connector reads, as rows of the catalogue views of a database `Shop`.
INSERT INTO sys.schemas VALUES (5, 'raw', 1);
INSERT INTO sys.database_principals VALUES (5, 'loader');
INSERT INTO sys.servers (name, data_source) VALUES ('CRMSERVER', 'crm.example.com,1434');
INSERT INTO sys.types (user_type_id, schema_id, name, is_user_defined) VALUES (257, 1, 'Email', 1);

INSERT INTO sys.objects (object_id, schema_id, name, type) VALUES
    (101, 1, 'Customers', 'U'), (102, 1, 'Orders', 'U'), (103, 1, 'OrdersHistory', 'U'), (104, 5, 'Orders', 'U'),
    (105, 1, 'v_paid', 'V'), (106, 1, 'contacts', 'SN'), (107, 1, 'people', 'SN'), (108, 5, 'clicks', 'ET'),
    (109, 1, 'Prices', 'U'), (201, 1, 'load_orders', 'P'), (202, 1, 'net', 'FN'), (203, 1, 'note_order', 'TR'),
    (301, 1, 'dotted.name', 'U');
INSERT INTO sys.tables (object_id, name) VALUES (101, 'Customers'), (104, 'Orders'), (301, 'dotted.name');
INSERT INTO sys.tables (object_id, name, temporal_type_desc, history_table_id) VALUES (102, 'Orders', 'SYSTEM_VERSIONED_TEMPORAL_TABLE', 103);
INSERT INTO sys.tables (object_id, name, temporal_type_desc) VALUES (103, 'OrdersHistory', 'HISTORY_TABLE');
INSERT INTO sys.tables (object_id, name, is_memory_optimized) VALUES (109, 'Prices', 1);
INSERT INTO sys.synonyms VALUES (106, '[CRMSERVER].[crm].[dbo].[contact]'), (107, '[dbo].[Customers]');
INSERT INTO sys.external_data_sources VALUES (1, 'lake');
INSERT INTO sys.external_tables VALUES (108, 1, '/clicks/2026');
UPDATE sys.objects SET principal_id = 5 WHERE object_id = 104;

INSERT INTO sys.columns (object_id, column_id, name, user_type_id, max_length, precision, scale, is_nullable, is_identity, default_object_id) VALUES
    (101, 1, 'Id', 56, 4, 10, 0, 0, 1, 0), (101, 2, 'Email', 257, 400, 0, 0, 0, 0, 0), (101, 3, 'First Name', 231, 160, 0, 0, 1, 0, 0),
    (101, 4, 'Last Name', 231, -1, 0, 0, 0, 0, 501), (101, 5, 'Full Name', 231, -1, 0, 0, 1, 0, 0), (101, 6, 'Birth Day', 40, 3, 10, 0, 1, 0, 0),
    (102, 1, 'id', 127, 8, 19, 0, 0, 0, 0), (102, 2, 'customer_id', 56, 4, 10, 0, 0, 0, 0), (102, 3, 'ordered_at', 42, 8, 23, 3, 0, 0, 0),
    (102, 4, 'amount', 106, 9, 12, 2, 1, 0, 0), (103, 1, 'id', 127, 8, 19, 0, 0, 0, 0),
    (104, 1, 'id', 167, 40, 0, 0, 1, 0, 0), (104, 2, 'customer', 167, 40, 0, 0, 1, 0, 0), (104, 3, 'ordered_at', 167, 40, 0, 0, 1, 0, 0), (104, 4, 'amount', 167, 40, 0, 0, 1, 0, 0),
    (105, 1, 'id', 127, 8, 19, 0, 0, 0, 0), (105, 2, 'customer', 231, -1, 0, 0, 1, 0, 0), (105, 3, 'net', 106, 9, 12, 2, 1, 0, 0),
    (108, 1, 'url', 167, -1, 0, 0, 1, 0, 0), (109, 1, 'price', 62, 8, 53, 0, 1, 0, 0), (301, 1, 'a]b', 56, 4, 10, 0, 1, 0, 0);
INSERT INTO sys.columns (object_id, column_id, name, user_type_id, max_length, precision, scale, is_nullable, generated_always_type_desc) VALUES
    (102, 5, 'valid_from', 42, 8, 27, 7, 0, 'AS_ROW_START'), (102, 6, 'valid_to', 42, 8, 27, 7, 0, 'AS_ROW_END');
INSERT INTO sys.default_constraints VALUES (501, '(''unknown'')');
INSERT INTO sys.computed_columns VALUES (101, 5, '(([First Name]+'' '')+[Last Name])');
INSERT INTO sys.masked_columns VALUES (101, 2, 'email()');
INSERT INTO sys.extended_properties (major_id, minor_id, name, value) VALUES
    (101, 0, 'MS_Description', 'People who bought something'), (101, 2, 'MS_Description', 'Where invoices go'),
    (101, 0, 'Steward', 'sales'), (201, 0, 'MS_Description', 'Every night');
INSERT INTO sys.sensitivity_classifications (major_id, minor_id, label, information_type) VALUES (101, 2, 'Confidential', 'Contact Info');

INSERT INTO sys.indexes (object_id, index_id, name, type_desc, is_unique, is_primary_key, is_unique_constraint, filter_definition, data_space_id) VALUES
    (101, 1, 'PK_Customers', 'CLUSTERED', 1, 1, 0, NULL, 1), (101, 2, 'UQ_Email', 'NONCLUSTERED', 1, 0, 1, NULL, 1),
    (101, 3, 'ByName', 'NONCLUSTERED', 0, 0, 0, '([First Name] IS NOT NULL)', 1), (102, 1, 'PK_Orders', 'CLUSTERED', 1, 1, 0, NULL, 65601);
INSERT INTO sys.index_columns (object_id, index_id, index_column_id, column_id, key_ordinal, partition_ordinal, is_descending_key, is_included_column) VALUES
    (101, 1, 1, 1, 1, 0, 0, 0), (101, 2, 1, 2, 1, 0, 0, 0), (101, 3, 1, 4, 1, 0, 1, 0), (101, 3, 2, 2, 0, 0, 0, 1),
    (102, 1, 1, 1, 1, 0, 0, 0), (102, 1, 2, 3, 2, 1, 0, 0);
INSERT INTO sys.foreign_keys VALUES (601, 102, 'FK_Orders_Customers');
INSERT INTO sys.foreign_key_columns VALUES (601, 1, 102, 2, 101, 1);
INSERT INTO sys.check_constraints VALUES (101, 'CK_Adult', '([Birth Day]<''2010-01-01'')');
INSERT INTO sys.partition_schemes VALUES (65601, 1);
INSERT INTO sys.partition_functions (function_id, name) VALUES (1, 'by_year');
INSERT INTO sys.partition_range_values VALUES (1, 1, '2026-01-01'), (1, 2, '2027-01-01');
INSERT INTO sys.partitions (partition_id, object_id, rows) VALUES (1, 101, 50), (2, 102, 150), (3, 102, 50), (4, 104, 1);
INSERT INTO sys.allocation_units VALUES (1, 3), (2, 9), (3, 3);

INSERT INTO sys.sql_modules VALUES
    (105, 'CREATE VIEW dbo.v_paid AS
SELECT o.id, c.[Full Name] AS customer, dbo.net(o.amount) AS net
FROM Orders o JOIN dbo.Customers c ON c.Id = o.customer_id WHERE o.amount > 0'),
    (201, 'CREATE PROCEDURE dbo.load_orders @since date AS
BEGIN
    INSERT INTO dbo.Orders (id, customer_id, ordered_at, amount)
    SELECT id, customer, ordered_at, CAST(amount AS decimal(12, 2)) / 100 FROM raw.Orders WHERE ordered_at >= @since
END'),
    (202, 'CREATE FUNCTION dbo.net(@gross decimal(12, 2)) RETURNS decimal(12, 2) AS BEGIN RETURN @gross / 1.19 END'),
    (203, 'CREATE TRIGGER dbo.note_order ON dbo.Orders AFTER INSERT AS INSERT INTO raw.Orders (id) SELECT id FROM inserted');
INSERT INTO sys.triggers (object_id, parent_id, name) VALUES (203, 102, 'note_order');
INSERT INTO sys.sql_expression_dependencies (referencing_id, referenced_id, referenced_schema_name, referenced_entity_name) VALUES
    (105, 102, NULL, 'Orders'), (105, 101, 'dbo', 'Customers'), (105, 202, 'dbo', 'net');

INSERT INTO sys.database_query_store_options VALUES (2);
INSERT INTO sys.query_store_query_text VALUES
    (1, '(@1 tinyint,@2 varchar(8000))INSERT INTO [raw].[Orders]([id],[amount]) values(@1,@2)'),
    (2, 'INSERT INTO dbo.Orders (id, customer_id, ordered_at, amount) SELECT id, customer, ordered_at, CAST(amount AS decimal(12, 2)) / 100 FROM raw.Orders WHERE ordered_at >= @since'),
    (3, 'EXEC dbo.load_orders @since = ''2026-01-01'''),
    (4, 'SELECT [Last Name], count(*) FROM dbo.Customers GROUP BY [Last Name]'),
    (5, 'SELECT spent = sum(amount), customer_id INTO dbo.Top_Customers FROM dbo.Orders GROUP BY customer_id'),
    (6, 'SELECT name FROM sys.tables');
INSERT INTO sys.query_store_query (query_id, query_text_id, object_id) VALUES (1, 1, 0), (2, 2, 201), (3, 3, 0), (4, 4, 0), (5, 5, 0), (6, 6, 0);
INSERT INTO sys.query_store_plan VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 4);
INSERT INTO sys.query_store_runtime_stats_interval VALUES (1, '2999-01-01T00:00:00+00:00', '2999-01-01T01:00:00+00:00');
INSERT INTO sys.query_store_runtime_stats_interval
    SELECT 2, strftime('%Y-%m-%dT%H:00:00+00:00', 'now', '-2 hours'), strftime('%Y-%m-%dT%H:00:00+00:00', 'now', '-1 hours');
INSERT INTO sys.query_store_runtime_stats (plan_id, runtime_stats_interval_id, count_executions) VALUES
    (1, 2, 3), (2, 2, 1), (3, 2, 1), (4, 2, 5), (7, 2, 2), (5, 2, 1), (6, 2, 1), (4, 1, 99);
