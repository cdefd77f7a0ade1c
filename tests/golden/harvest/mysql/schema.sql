-- One of everything that the MySQL connector reads. Run on an empty server.
CREATE DATABASE crm;
CREATE DATABASE shop COLLATE utf8mb4_general_ci;
CREATE TABLE crm.contact (id int PRIMARY KEY, `email.address` varchar(200));
USE shop;

CREATE TABLE customers (
    id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email varchar(200) NOT NULL COMMENT 'Where invoices go',
    first_name varchar(80),
    last_name varchar(80) NOT NULL DEFAULT 'un''known',
    full_name varchar(200) GENERATED ALWAYS AS (concat(first_name, ' ', last_name)) STORED,
    `Birth Day` date,
    vip bit(1) DEFAULT b'0',
    tags json,
    status enum('new', 'old') DEFAULT 'new',
    changed_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    UNIQUE KEY customers_email (email),
    KEY customers_by_name (last_name(10), first_name),
    CONSTRAINT customers_adult CHECK (`Birth Day` < date '2010-01-01')
) COMMENT 'People who bought something';
CREATE FULLTEXT INDEX customers_words ON customers (last_name);

CREATE TABLE order_log (order_id bigint, customer_id int, at datetime DEFAULT now(),
    CONSTRAINT log_customer FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE);
CREATE TABLE orders (
    id bigint NOT NULL,
    customer_id int NOT NULL,
    ordered_at date NOT NULL,
    amount decimal(12, 2) NOT NULL DEFAULT 0.00,
    PRIMARY KEY (id, ordered_at)
) PARTITION BY RANGE (year(ordered_at)) (
    PARTITION p2025 VALUES LESS THAN (2026), PARTITION p2026 VALUES LESS THAN (2027));
CREATE TABLE daily_old (day date PRIMARY KEY, revenue decimal(14, 2));
CREATE TABLE contacts (id int NOT NULL, mail varchar(200))
    ENGINE=FEDERATED CONNECTION='mysql://loader:s3cret@127.0.0.1:9/crm/contact';
CREATE TABLE daily (day date PRIMARY KEY, revenue decimal(14, 2));
CREATE TABLE raw_orders (id text, customer text, ordered_at text, amount text COMMENT 'In cents, as text');
CREATE TABLE `order` (`select` int, `a``b` int, `dotted.name` int);

CREATE TRIGGER note_order AFTER INSERT ON orders FOR EACH ROW
    INSERT INTO order_log (order_id, customer_id) VALUES (NEW.id, NEW.customer_id);
CREATE FUNCTION net(gross decimal(12, 2)) RETURNS decimal(12, 2) DETERMINISTIC RETURN gross / 1.19;
CREATE PROCEDURE load_orders(IN since date, OUT loaded int) COMMENT 'Every night'
    INSERT INTO orders (id, customer_id, ordered_at, amount)
    SELECT id, customer, ordered_at, amount / 100 FROM raw_orders WHERE ordered_at >= since;
CREATE PROCEDURE copy_daily(IN suffix varchar(10))
BEGIN
    SET @text = concat('INSERT INTO daily_', suffix, ' SELECT day, revenue FROM daily');
    PREPARE made FROM @text;
    EXECUTE made;
END;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2027-01-01' COMMENT 'Revenue by day' DO
    REPLACE INTO daily SELECT ordered_at, sum(amount) FROM orders GROUP BY ordered_at;

CREATE VIEW v_paid AS
SELECT o.id, c.full_name AS customer, net(o.amount) AS net
FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.amount > 0 WITH CHECK OPTION;
CREATE VIEW v_contacts AS SELECT c.id, c.`email.address` AS email FROM crm.contact c;

INSERT INTO customers (email, first_name, last_name) VALUES ('a@x.org', 'F', 'L'), ('b@x.org', 'G', 'M');
INSERT INTO orders VALUES (1, 1, '2025-03-01', 10), (2, 1, '2025-03-02', 20), (3, 2, '2026-03-02', 20);
ANALYZE TABLE customers, orders;
