-- Jobs of SQL Server Agent, as rows of the database msdb.
INSERT INTO dbo.sysjobs (job_id, name, description) VALUES (1, 'nightly', 'Loads what came in');
INSERT INTO dbo.sysjobsteps VALUES
    (1, 1, 'load', 'TSQL', 'EXEC dbo.load_orders @since = ''2026-01-01''', 'Shop'),
    (1, 2, 'top', 'TSQL', 'INSERT INTO dbo.Top_Customers SELECT customer_id, amount FROM dbo.Orders', 'Shop'),
    (1, 3, 'export', 'CmdExec', 'bcp dbo.Orders out x -P s3cret', 'master');
INSERT INTO dbo.sysjobhistory VALUES (7, 1, 1, 20260105, 31500, 1), (8, 1, 2, 20260105, 31503, 0), (9, 1, 0, 20260105, 31500, 0);
