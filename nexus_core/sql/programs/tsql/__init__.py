"""T-SQL scripts and routine bodies (SQL Server, Azure SQL, Synapse, Fabric), most of which have no semicolons."""
