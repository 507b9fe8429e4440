-- Whether a key sees and manages all keys of the installation.
alter table api_keys add column is_admin boolean not null default false;

-- Where the key of the first start is the only valid one, whoever has it is the owner. Where there are others, it may be in anybody's
-- hands, so the owner makes an admin key (`everfetch keys create <name> --admin`).
update api_keys set is_admin = true
 where name = 'default' and revoked_at is null
   and not exists (select 1 from api_keys other where other.name <> 'default' and other.revoked_at is null);
