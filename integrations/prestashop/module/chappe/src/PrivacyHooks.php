<?php

/**
 * Answers the GDPR modules of PrestaShop.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

trait PrivacyHooks
{
    /**
     * Being registered here is the answer: this module keeps personal data.
     */
    public function hookRegisterGDPRConsent(array $params): void
    {
        $this->quietly(function () {
            return null;
        });
    }

    public function hookActionExportGDPRData(array $params): string
    {
        return (string) $this->quietly(function () use ($params) {
            $customer = Person::find($this->kit()->database, $params);

            return json_encode($customer ? $this->kit()->consents->of($customer) : []);
        });
    }

    public function hookActionDeleteGDPRCustomer(array $params): string
    {
        return (string) $this->quietly(function () use ($params) {
            $kit = $this->kit();
            foreach (Person::all($kit->database, $params) as $idCustomer) {
                foreach ($kit->connections->open() as $idShop) {
                    $kit->erasures->tell($idCustomer, $idShop);
                }
                $kit->consents->forget($idCustomer);
                $kit->carts->forget($idCustomer);
            }

            return json_encode(true);
        });
    }
}
