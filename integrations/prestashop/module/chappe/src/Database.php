<?php

/**
 * The shop database as this module uses it: own tables by short name, no query cache.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Database
{
    /** @var \Db */
    private $db;

    public function __construct(\Db $db)
    {
        $this->db = $db;
    }

    /**
     * @param string $sql with `{table}` for a table of the shop
     */
    public function rows(string $sql): array
    {
        $rows = $this->db->executeS($this->prefixed($sql), true, false);

        return is_array($rows) ? $rows : [];
    }

    public function row(string $sql): array
    {
        return $this->rows($sql . ' LIMIT 1')[0] ?? [];
    }

    public function value(string $sql): string
    {
        $row = $this->row($sql);

        return (string) reset($row);
    }

    public function run(string $sql): void
    {
        if (!$this->db->execute($this->prefixed($sql), false)) {
            throw new \RuntimeException('The shop database refused a statement: ' . $this->db->getMsgError());
        }
    }

    /**
     * A new row, unless one of its unique keys is taken.
     */
    public function insertOnce(string $table, array $row): void
    {
        $this->db->insert($table, array_map([$this, 'quotable'], $row), true, false, \Db::INSERT_IGNORE);
    }

    /**
     * The row as it is now, whether there was one or not.
     */
    public function put(string $table, array $row): void
    {
        $this->db->insert($table, array_map([$this, 'quotable'], $row), true, false, \Db::ON_DUPLICATE_KEY);
    }

    public function quote(string $text): string
    {
        return "'" . pSQL($text, true) . "'";
    }

    /**
     * @param int|string|null $value
     *
     * @return array|string|null
     */
    private function quotable($value)
    {
        if (is_int($value)) {
            return ['type' => 'sql', 'value' => $value];
        }

        return $value === null ? null : ['type' => 'sql', 'value' => $this->quote($value)];
    }

    private function prefixed(string $sql): string
    {
        return preg_replace('/\{(\w+)\}/', _DB_PREFIX_ . '$1', $sql);
    }
}
