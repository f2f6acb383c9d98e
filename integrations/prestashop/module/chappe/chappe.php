<?php

/**
 * Chappe: orders speak for themselves, by SMS.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

use ChappeModule\ConfigurationPage;
use ChappeModule\ConsentHooks;
use ChappeModule\Events;
use ChappeModule\Kit;
use ChappeModule\OrderHooks;
use ChappeModule\PrivacyHooks;
use ChappeModule\Schema;
use ChappeModule\Settings;
use ChappeModule\Uuid;
use ChappeModule\VisitHooks;

if (!defined('_PS_VERSION_')) {
    exit;
}

require_once __DIR__ . '/autoload.php';

class Chappe extends Module
{
    use OrderHooks;
    use ConsentHooks;
    use PrivacyHooks;
    use VisitHooks;

    public const HOOKS = [
        'actionValidateOrder',
        'actionValidateOrderAfter',
        'actionOrderStatusPostUpdate',
        'actionOrderHistoryAddAfter',
        'actionOrderEdited',
        'actionObjectOrderCarrierUpdateAfter',
        'actionObjectOrderSlipAddAfter',
        'additionalCustomerFormFields',
        'additionalCustomerAddressFields',
        'actionCustomerAccountAdd',
        'actionCustomerAccountUpdate',
        'actionObjectAddressAddAfter',
        'actionObjectAddressUpdateAfter',
        'registerGDPRConsent',
        'actionExportGDPRData',
        'actionDeleteGDPRCustomer',
        'actionFrontControllerInitBefore',
        'actionFrontControllerSetMedia',
        'actionCartSave',
    ];

    /** @var Kit|null */
    private $kit;

    public function __construct()
    {
        $this->name = 'chappe';
        $this->tab = 'emailing';
        $this->version = '1.0.0';
        $this->author = 'Chappe';
        $this->need_instance = 0;
        $this->bootstrap = true;
        $this->ps_versions_compliancy = ['min' => '1.7.8.0', 'max' => '9.99.99'];
        parent::__construct();
        $this->displayName = $this->l('Chappe: SMS');
        $this->description = $this->l('Tells your Chappe what happens to orders, so that customers hear of it by SMS.');
        $this->confirmUninstall = $this->l(
            'Disconnect from Chappe, and forget what has not been delivered and the answers that are kept here?'
        );
    }

    public function install(): bool
    {
        if (!function_exists('curl_init')) {
            $this->_errors[] = $this->l('The PHP extension curl is needed.');

            return false;
        }
        Schema::create($this->kit()->database);

        return parent::install()
            && $this->registerHook(self::HOOKS)
            && Configuration::updateGlobalValue('CHAPPE_INSTALLATION', Uuid::create())
            && Configuration::updateGlobalValue('CHAPPE_CRON_KEY', bin2hex(random_bytes(16)));
    }

    public function uninstall(): bool
    {
        $this->sayGoodbye();
        Schema::drop($this->kit()->database);
        Settings::forget();

        return Configuration::deleteByName('CHAPPE_INSTALLATION')
            && Configuration::deleteByName('CHAPPE_CRON_KEY')
            && parent::uninstall();
    }

    /**
     * One try for each shop: somebody waits for it.
     */
    private function sayGoodbye(): void
    {
        $this->quietly(function () {
            foreach ($this->kit()->connections->open() as $idShop) {
                $this->kit()->outbox->note($idShop, Events::GOODBYE, '', $this->kit()->clock->now());
                $this->kit()->flush->run($idShop, 'response', 2);
            }
        });
    }

    /**
     * The page behind “Configure”.
     */
    public function getContent(): string
    {
        $page = new ConfigurationPage($this, $this->kit());

        return $page->show();
    }

    public function kit(): Kit
    {
        $this->kit = $this->kit ?: Kit::create();

        return $this->kit;
    }

    public function setKit(Kit $kit): void
    {
        $this->kit = $kit;
    }

    /**
     * Whatever goes wrong in a hook stays in it: the shop goes on. The page of the module shows it.
     *
     * @return mixed what the work gives; null when it failed
     */
    private function quietly(callable $work)
    {
        try {
            return $work();
        } catch (\Throwable $error) {
            error_log('chappe: ' . get_class($error) . ': ' . $error->getMessage());
        }
        try {
            $idShop = (int) $this->context->shop->id;
            $this->kit()->connections->hookFailed($idShop, $error, $this->kit()->clock->now());
        } catch (\Throwable $again) {
            error_log('chappe: ' . $again->getMessage());
        }

        return null;
    }
}
