-- The columns that the module reads, of the tables that a shop has.
CREATE TABLE ps_shop (id_shop INTEGER PRIMARY KEY, active INTEGER);
CREATE TABLE ps_shop_url (id_shop INTEGER, domain TEXT, domain_ssl TEXT, physical_uri TEXT, virtual_uri TEXT, main INTEGER);
CREATE TABLE ps_country (id_country INTEGER PRIMARY KEY, iso_code TEXT);
CREATE TABLE ps_currency (id_currency INTEGER PRIMARY KEY, iso_code TEXT, active INTEGER);
CREATE TABLE ps_currency_shop (id_currency INTEGER, id_shop INTEGER);
CREATE TABLE ps_lang (id_lang INTEGER PRIMARY KEY, iso_code TEXT, active INTEGER);
CREATE TABLE ps_lang_shop (id_lang INTEGER, id_shop INTEGER);
CREATE TABLE ps_customer (id_customer INTEGER PRIMARY KEY, id_shop INTEGER, id_lang INTEGER, firstname TEXT, email TEXT, is_guest INTEGER);
CREATE TABLE ps_address (id_address INTEGER PRIMARY KEY, id_customer INTEGER, id_country INTEGER, phone TEXT, phone_mobile TEXT, deleted INTEGER DEFAULT 0);
CREATE TABLE ps_carrier (id_carrier INTEGER PRIMARY KEY, name TEXT, url TEXT);
CREATE TABLE ps_cart_rule (id_cart_rule INTEGER PRIMARY KEY, code TEXT);
CREATE TABLE ps_order_state (id_order_state INTEGER PRIMARY KEY, paid INTEGER, shipped INTEGER, deleted INTEGER DEFAULT 0);
CREATE TABLE ps_order_state_lang (id_order_state INTEGER, id_lang INTEGER, name TEXT);
CREATE TABLE ps_orders (
    id_order INTEGER PRIMARY KEY, reference TEXT, id_shop INTEGER, id_customer INTEGER, id_cart INTEGER, id_lang INTEGER,
    id_currency INTEGER, id_address_delivery INTEGER, id_address_invoice INTEGER, current_state INTEGER,
    total_paid_tax_incl TEXT, date_add TEXT, date_upd TEXT
);
CREATE TABLE ps_order_history (
    id_order_history INTEGER PRIMARY KEY, id_order INTEGER, id_order_state INTEGER, date_add TEXT
);
CREATE TABLE ps_order_detail (id_order_detail INTEGER PRIMARY KEY, id_order INTEGER, product_name TEXT);
CREATE TABLE ps_order_carrier (
    id_order_carrier INTEGER PRIMARY KEY, id_order INTEGER, id_carrier INTEGER, tracking_number TEXT
);
CREATE TABLE ps_order_cart_rule (id_order_cart_rule INTEGER PRIMARY KEY, id_order INTEGER, id_cart_rule INTEGER);
CREATE TABLE ps_order_slip (
    id_order_slip INTEGER PRIMARY KEY, id_order INTEGER, amount TEXT, total_products_tax_excl TEXT,
    total_products_tax_incl TEXT, shipping_cost_amount TEXT, date_add TEXT
);
CREATE TABLE ps_cart_product (
    id_cart INTEGER, id_product INTEGER, id_product_attribute INTEGER DEFAULT 0, id_customization INTEGER DEFAULT 0,
    quantity INTEGER, date_add TEXT
);
CREATE TABLE ps_product_lang (id_product INTEGER, id_lang INTEGER, id_shop INTEGER, name TEXT);
INSERT INTO ps_product_lang VALUES (1, 1, 1, 'Tablier en lin'), (2, 1, 1, 'Torchon rayé');
INSERT INTO ps_shop VALUES (1, 1);
INSERT INTO ps_shop_url VALUES (1, 'maison-lambert.example', 'maison-lambert.example', '/', '', 1);
INSERT INTO ps_country VALUES (8, 'FR');
INSERT INTO ps_currency VALUES (1, 'EUR', 1);
INSERT INTO ps_currency_shop VALUES (1, 1);
INSERT INTO ps_lang VALUES (1, 'fr', 1);
INSERT INTO ps_lang_shop VALUES (1, 1);
INSERT INTO ps_order_state (id_order_state, paid, shipped) VALUES
    (1, 0, 0), (2, 1, 0), (3, 1, 0), (4, 1, 1), (5, 1, 1), (6, 0, 0), (7, 0, 0), (8, 0, 0), (13, 0, 0);
INSERT INTO ps_carrier VALUES (2, 'Colissimo', 'https://suivi.colis.example/@');
INSERT INTO ps_cart_rule VALUES (3, 'BIENVENUE');
INSERT INTO ps_order_state_lang SELECT id_order_state, 1, 'State ' || id_order_state FROM ps_order_state;
