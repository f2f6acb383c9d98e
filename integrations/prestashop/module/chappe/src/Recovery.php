<?php

/**
 * A link that fills a cart again. It logs nobody in: an SMS may be forwarded.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Recovery
{
    /**
     * @return string|null
     */
    public static function url(Database $database, int $idCart, int $idShop)
    {
        $shop = Text::shopAddress($database, $idShop);

        return $shop === null ? null : $shop . 'index.php?fc=module&module=chappe&controller=recover&cart=' . $idCart
            . '&key=' . self::key($idCart);
    }

    public static function key(int $idCart): string
    {
        $secret = (string) \Configuration::getGlobalValue('CHAPPE_CRON_KEY');

        return substr(hash_hmac('sha256', 'cart ' . $idCart, $secret), 0, 24);
    }

    /**
     * @return array[] what was in the cart; none when the key is not its key
     */
    public static function products(Database $database, int $idCart, string $key): array
    {
        if (!hash_equals(self::key($idCart), $key)) {
            return [];
        }

        return $database->rows('SELECT id_product, id_product_attribute, quantity FROM {cart_product}'
            . ' WHERE id_customization = 0 AND id_cart = ' . $idCart . ' ORDER BY date_add LIMIT 100');
    }
}
