CREATE DATABASE sales;
CREATE TABLE sales.customers (id INT PRIMARY KEY, email VARCHAR(255) NOT NULL, country CHAR(2));
