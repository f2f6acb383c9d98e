<?php

/**
 * The shop database, on SQLite; on MariaDB, as shops have it, for `mysql:…` in place of a file.
 */

class Db
{
    public const INSERT = 1;
    public const INSERT_IGNORE = 2;
    public const ON_DUPLICATE_KEY = 4;

    /** @var Db */
    public static $instance;

    /** @var PDO */
    public $pdo;

    /** @var int how many statements were run */
    public $statements = 0;

    /** @var bool */
    public $isBroken = false;

    /** @var bool */
    private $isMariaDb;

    public function __construct(string $file = ':memory:')
    {
        $this->isMariaDb = strpos($file, 'mysql:') === 0;
        $source = $this->isMariaDb ? $file : 'sqlite:' . $file;
        $user = $this->isMariaDb ? get_current_user() : null;
        $this->pdo = new PDO($source, $user, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
        if ($this->isMariaDb) {
            $this->pdo->exec("SET SESSION sql_mode = 'PIPES_AS_CONCAT'");
        } else {
            $this->pdo->exec('PRAGMA journal_mode = WAL');
            $this->pdo->exec('PRAGMA synchronous = NORMAL');
        }
    }

    /**
     * The tables of the shop, and what stands in them.
     */
    public function load(string $sql): void
    {
        $own = $this->isMariaDb ? str_replace('INTEGER PRIMARY KEY', 'INTEGER PRIMARY KEY AUTO_INCREMENT', $sql) : $sql;
        foreach (array_filter(array_map('trim', explode(";\n", $own))) as $statement) {
            $this->pdo->exec($statement);
        }
    }

    public static function getInstance(): self
    {
        return self::$instance;
    }

    public function execute($sql, $useCache = true): bool
    {
        $this->query($sql);

        return true;
    }

    public function executeS($sql, $array = true, $useCache = true): array
    {
        if (!preg_match('/^\s*\(?\s*(select|show|explain|describe|desc|checksum)\s/i', $sql)) {
            throw new RuntimeException('executeS is for reading: ' . $sql);
        }

        return $this->query($sql)->fetchAll(PDO::FETCH_ASSOC);
    }

    public function insert($table, $data, $nullValues = false, $useCache = true, $type = self::INSERT): bool
    {
        $values = array_map(function ($value) use ($nullValues) {
            $value = is_array($value) ? $value : ['type' => 'text', 'value' => $value];
            if ($value['type'] === 'sql') {
                return $value['value'];
            }
            $isNull = $nullValues && ($value['value'] === '' || $value['value'] === null);

            return $isNull ? 'NULL' : "'" . $value['value'] . "'";
        }, $data);
        $verb = $type === self::INSERT_IGNORE ? 'INSERT IGNORE' : 'INSERT';

        $sql = $verb . ' INTO `' . _DB_PREFIX_ . $table . '` (`' . implode('`, `', array_keys($data))
            . '`) VALUES (' . implode(', ', $values) . ')';
        $assignments = array_map(function ($name) use ($values) {
            return '`' . $name . '` = ' . $values[$name];
        }, array_keys($data));

        $else = $this->isMariaDb ? ' ON DUPLICATE KEY UPDATE ' : ' ON CONFLICT DO UPDATE SET ';

        return $this->execute($type === self::ON_DUPLICATE_KEY ? $sql . $else . implode(', ', $assignments) : $sql);
    }

    public function Insert_ID(): int
    {
        return (int) $this->pdo->lastInsertId();
    }

    public function getMsgError(): string
    {
        return '';
    }

    private function query(string $sql): PDOStatement
    {
        if ($this->isBroken) {
            throw new RuntimeException('The database is away.');
        }
        $this->statements++;

        return $this->pdo->query($this->isMariaDb ? $sql : $this->translated($sql));
    }

    private function translated(string $sql): string
    {
        $patterns = [
            '/^INSERT IGNORE/' => 'INSERT OR IGNORE',
            '/INTEGER NOT NULL PRIMARY KEY AUTO_INCREMENT/' => 'INTEGER PRIMARY KEY AUTOINCREMENT',
            '/UNIQUE KEY \w+ /' => 'UNIQUE ',
            '/,\s+KEY \w+ \([^)]*\)/' => '',
            '/\) ENGINE=.*$/' => ')',
        ];

        return preg_replace(array_keys($patterns), $patterns, $sql);
    }
}
