<?php

/**
 * Asks for consent on the forms of the shop, and keeps the answers with their evidence.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

trait ConsentHooks
{
    public function hookAdditionalCustomerFormFields(array $params): array
    {
        return $this->quietly(function () {
            return $this->consentFields(Settings::REGISTRATION);
        }) ?: [];
    }

    public function hookAdditionalCustomerAddressFields(array $params): array
    {
        return $this->quietly(function () {
            return $this->consentFields(Settings::ADDRESS);
        }) ?: [];
    }

    public function hookActionCustomerAccountAdd(array $params): void
    {
        $this->quietly(function () use ($params) {
            $this->noteConsent((int) $params['newCustomer']->id, 'registration');
        });
    }

    public function hookActionCustomerAccountUpdate(array $params): void
    {
        $this->quietly(function () use ($params) {
            $this->noteConsent((int) $params['customer']->id, 'account');
        });
    }

    public function hookActionObjectAddressAddAfter(array $params): void
    {
        $this->quietly(function () use ($params) {
            $this->noteConsent((int) $params['object']->id_customer, 'address');
        });
    }

    public function hookActionObjectAddressUpdateAfter(array $params): void
    {
        $this->quietly(function () use ($params) {
            $this->noteConsent((int) $params['object']->id_customer, 'address');
        });
    }

    private function consentFields(string $switch): array
    {
        $idShop = (int) $this->context->shop->id;
        if (!Settings::isOn($switch, $idShop) || !$this->kit()->connections->isOpen($idShop)) {
            return [];
        }
        $last = $this->kit()->consents->last((int) $this->context->customer->id, $idShop);
        $wording = Settings::wording((int) $this->context->language->id, $idShop);

        return ConsentForm::fields($wording, ($last['state'] ?? null) === Consents::YES);
    }

    /**
     * What the form says; and the customer, who may have another number now.
     */
    private function noteConsent(int $idCustomer, string $form): void
    {
        $idShop = (int) $this->context->shop->id;
        $kit = $this->kit();
        if ($idCustomer === 0 || !$kit->connections->isOpen($idShop)) {
            return;
        }
        $state = ConsentForm::answer($kit->consents->last($idCustomer, $idShop)['state'] ?? null);
        if ($state !== null) {
            $kit->consents->add($this->said($idCustomer, $state, $form));
        }
        $kit->outbox->note($idShop, Events::CUSTOMER, (string) $idCustomer, $kit->clock->now());
        AfterResponse::flush($idShop);
    }

    private function said(int $idCustomer, string $state, string $form): array
    {
        $idShop = (int) $this->context->shop->id;

        return [
            'id_customer' => $idCustomer,
            'id_shop' => $idShop,
            'state' => $state,
            'wording' => mb_substr(Settings::wording((int) $this->context->language->id, $idShop), 0, 2000),
            'language' => (string) $this->context->language->iso_code,
            'form' => $form,
            'page' => Visitor::page(),
            'ip' => Visitor::network((string) \Tools::getRemoteAddr()),
            'said_at' => $this->kit()->clock->now(),
        ];
    }
}
