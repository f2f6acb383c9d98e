<?php

/**
 * A shop with the module in it, in which things happen.
 */

use ChappeModule\AfterResponse;
use ChappeModule\Clock;
use ChappeModule\Database;
use ChappeModule\Kit;
use ChappeModule\PairingToken;
use ChappeModule\Transport;

class ShopWorld
{
    public const SECRET = 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=';

    /** @var Chappe */
    public $module;

    /** @var Clock */
    public $clock;

    public function __construct(Transport $transport, Clock $clock, string $file = ':memory:')
    {
        $isNew = $file === ':memory:' || !is_file($file);
        Db::$instance = new Db($file);
        Configuration::$values = [
            'PS_SHOP_NAME' => 'Maison Lambert',
            'PS_SSL_ENABLED' => '1',
            'PS_COUNTRY_DEFAULT' => '8',
            'PS_LANG_DEFAULT' => '1',
            'PS_OS_DELIVERED' => '5',
            'PS_OS_CANCELED' => '6',
            'PS_OS_REFUND' => '7',
        ];
        Tools::$values = [];
        Shop::$edited = 1;
        $_COOKIE = [];
        $this->clock = $clock;
        $this->module = new Chappe();
        $this->module->setKit(new Kit(new Database(Db::$instance), $clock, $transport));
        if ($isNew) {
            Db::$instance->load(file_get_contents(__DIR__ . '/stubs/shop.sql'));
        }
        $this->module->install();
    }

    public static function token(string $url, string $secret = self::SECRET): string
    {
        $content = rtrim(strtr(base64_encode(json_encode(['url' => $url, 'secret' => $secret])), '+/', '-_'), '=');

        return 'chappe1.' . $content . '.' . substr(hash('sha256', $content), 0, 8);
    }

    public function pair(string $url = 'https://chappe.example/hooks/shops/1/', string $secret = self::SECRET): void
    {
        $token = new PairingToken(self::token($url, $secret));
        $this->module->kit()->connections->pair(1, $token, $this->clock->now());
    }

    /**
     * A customer orders, and pays later.
     */
    public function order(int $id, string $phone = '06 39 98 12 34'): void
    {
        $now = $this->date();
        $this->insert('customer', ['id_customer' => $id, 'id_shop' => 1, 'id_lang' => 1, 'firstname' => 'Camille Anne',
            'email' => 'camille@example.com', 'is_guest' => 0]);
        $this->insert('address', ['id_address' => $id, 'id_customer' => $id, 'id_country' => 8,
            'phone' => '02 61 91 00 01', 'phone_mobile' => $phone]);
        $this->insert('orders', ['id_order' => $id, 'reference' => 'XKBK' . $id, 'id_shop' => 1, 'id_customer' => $id,
            'id_cart' => $id, 'id_lang' => 1, 'id_currency' => 1, 'id_address_delivery' => $id,
            'id_address_invoice' => $id, 'current_state' => 13, 'total_paid_tax_incl' => '54.900000',
            'date_add' => $now, 'date_upd' => $now]);
        foreach (['Tablier en lin', 'Torchon rayé', 'Bol', 'Assiette'] as $name) {
            $this->insert('order_detail', ['id_order' => $id, 'product_name' => $name]);
        }
        $this->insert('order_carrier', ['id_order' => $id, 'id_carrier' => 2, 'tracking_number' => '']);
        $order = (object) ['id' => $id, 'id_shop' => 1, 'id_cart' => $id];
        $this->module->hookActionValidateOrder(['order' => $order]);
        $this->state($id, 13);
        $this->module->hookActionValidateOrderAfter(['orders' => [$order]]);
    }

    /**
     * The order gets a state, and the shop calls its hooks in its own order.
     */
    public function state(int $idOrder, int $idState): void
    {
        $this->module->hookActionOrderStatusPostUpdate(['id_order' => $idOrder]);
        $this->insert('order_history', ['id_order' => $idOrder, 'id_order_state' => $idState,
            'date_add' => $this->date()]);
        Db::$instance->execute('UPDATE ps_orders SET current_state = ' . $idState . ", date_upd = '" . $this->date()
            . "' WHERE id_order = " . $idOrder);
        $this->module->hookActionOrderHistoryAddAfter(['order_history' => (object) ['id_order' => $idOrder]]);
    }

    /**
     * A customer signs up, and the form says this.
     */
    public function register(int $id, array $form): void
    {
        $this->insert('customer', ['id_customer' => $id, 'id_shop' => 1, 'id_lang' => 1, 'firstname' => 'Camille',
            'email' => 'camille' . $id . '@example.com', 'is_guest' => 0]);
        Tools::$values = $form;
        $this->module->hookActionCustomerAccountAdd(['newCustomer' => (object) ['id' => $id]]);
        Tools::$values = [];
    }

    public function address(int $idCustomer, string $phone, array $form = []): void
    {
        $this->insert('address', ['id_customer' => $idCustomer, 'id_country' => 8, 'phone' => $phone,
            'phone_mobile' => '']);
        Tools::$values = $form;
        $this->module->hookActionObjectAddressAddAfter(['object' => (object) ['id_customer' => $idCustomer]]);
        Tools::$values = [];
    }

    /**
     * @param int[] $products quantities by product
     */
    public function cart(int $id, array $products): void
    {
        foreach ($products as $idProduct => $quantity) {
            $this->insert('cart_product', ['id_cart' => $id, 'id_product' => $idProduct, 'quantity' => $quantity,
                'date_add' => $this->date()]);
        }
        $this->module->hookActionCartSave(['cart' => new Cart($id)]);
        AfterResponse::run();
    }

    public function track(int $idOrder, string $number): void
    {
        Db::$instance->execute("UPDATE ps_order_carrier SET tracking_number = '" . $number . "' WHERE id_order = "
            . $idOrder);
        $carrier = (object) ['id_order' => $idOrder, 'tracking_number' => $number];
        $this->module->hookActionObjectOrderCarrierUpdateAfter(['object' => $carrier]);
    }

    /**
     * @param string $typed what the merchant typed in place of what the products cost
     */
    public function refund(int $idOrder, string $products, string $shipping = '0', string $typed = ''): void
    {
        $withoutTax = (string) round($products / 1.2, 2);
        $this->insert('order_slip', ['id_order' => $idOrder, 'amount' => $typed ?: $withoutTax,
            'total_products_tax_excl' => $withoutTax, 'total_products_tax_incl' => $products,
            'shipping_cost_amount' => $shipping, 'date_add' => $this->date()]);
        $this->module->hookActionObjectOrderSlipAddAfter(['object' => (object) ['id_order' => $idOrder]]);
    }

    public function insert(string $table, array $row): void
    {
        Db::$instance->insert($table, array_map('pSQL', array_map('strval', $row)));
    }

    public function flush(int $calls = 20): int
    {
        return $this->module->kit()->flush->run(1, 'cron', $calls);
    }

    private function date(): string
    {
        return date('Y-m-d H:i:s', $this->clock->now());
    }
}
