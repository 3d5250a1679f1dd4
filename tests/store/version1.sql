-- A store as ntmgis 0.1.0 left it (schema version 1, written by GDAL): two imports, and rows of a third that was cut off.

PRAGMA application_id = 1196444487;
PRAGMA user_version = 10400;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL,srs_id INTEGER NOT NULL PRIMARY KEY,organization TEXT NOT NULL,organization_coordsys_id INTEGER NOT NULL,definition  TEXT NOT NULL,description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY,data_type TEXT NOT NULL,identifier TEXT UNIQUE,description TEXT DEFAULT '',last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),min_x DOUBLE, min_y DOUBLE,max_x DOUBLE, max_y DOUBLE,srs_id INTEGER,CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_ogr_contents(table_name TEXT NOT NULL PRIMARY KEY,feature_count INTEGER DEFAULT NULL);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL,column_name TEXT NOT NULL,geometry_type_name TEXT NOT NULL,srs_id INTEGER NOT NULL,z TINYINT NOT NULL,m TINYINT NOT NULL,CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),CONSTRAINT uk_gc_table_name UNIQUE (table_name),CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE "about" ( "fid" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "key" TEXT, "value" TEXT);
CREATE TABLE imports (
  import_id INTEGER PRIMARY KEY,
  source_id TEXT NOT NULL,
  table_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  as_of TEXT,
  key TEXT NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  recorded_at TEXT NOT NULL,
  rows_in INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  matched TEXT NOT NULL,
  problems TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  schema_version INTEGER NOT NULL
);
CREATE TABLE quarantine (import_id INTEGER NOT NULL, "file", "layer", "sheet", "row", "column", "value", "code", "rule", "action", "original");
CREATE TABLE matches (import_id INTEGER NOT NULL, "row", "given_code", "given_name", "given_parent", "status", "how", "code", "unit_name", "reason", "candidates");
CREATE TABLE "t_village" ( "fid" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "geom" GEOMETRY, "import_id" INTEGER, "source" TEXT, "valid_from" TEXT, "code" TEXT, "name" TEXT, "commune_code" TEXT, "commune" TEXT, "district" TEXT, "kind" TEXT, "ethnic_minority" INTEGER, "households" INTEGER, "file_row" INTEGER);
CREATE TABLE gpkg_extensions (table_name TEXT,column_name TEXT,extension_name TEXT NOT NULL,definition TEXT NOT NULL,scope TEXT NOT NULL,CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE VIRTUAL TABLE "rtree_t_village_geom" USING rtree(id, minx, maxx, miny, maxy);
CREATE TABLE "t_commune_status" ( "fid" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "import_id" INTEGER, "source" TEXT, "valid_from" TEXT, "code" TEXT, "name" TEXT, "district" TEXT, "as_of" TEXT, "tier" TEXT, "standard_year" INTEGER, "decision" TEXT, "decision_date" TEXT, "criteria_set" TEXT, "tc1" TEXT, "tc2" TEXT, "tc3" TEXT, "tc4" TEXT, "tc5" TEXT, "tc6" TEXT, "tc7" TEXT, "tc8" TEXT, "tc9" TEXT, "tc10" TEXT, "tc11" TEXT, "tc12" TEXT, "tc13" TEXT, "tc14" TEXT, "tc15" TEXT, "tc16" TEXT, "tc17" TEXT, "tc18" TEXT, "tc19" TEXT, "sl1" TEXT, "sl2" TEXT, "sl3" TEXT, "sl4" TEXT, "sl5" TEXT, "sl6" TEXT, "sl7" TEXT, "sl8" TEXT, "sl9" TEXT, "sl10" TEXT, "sl11" TEXT, "sl12" TEXT, "sl13" TEXT, "sl14" TEXT, "sl15" TEXT, "sl16" TEXT, "sl17" TEXT, "sl18" TEXT, "sl19" TEXT, "mc1" TEXT, "mc2" TEXT, "mc3" TEXT, "mc4" TEXT, "mc5" TEXT, "mc6" TEXT, "mc7" TEXT, "mc8" TEXT, "mc9" TEXT, "mc10" TEXT, "mc11" TEXT, "mc12" TEXT, "mc13" TEXT, "mc14" TEXT, "mc15" TEXT, "mc16" TEXT, "mc17" TEXT, "mc18" TEXT, "mc19" TEXT, "file_row" INTEGER);
INSERT INTO "gpkg_spatial_ref_sys" VALUES ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system');
INSERT INTO "gpkg_spatial_ref_sys" VALUES ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system');
INSERT INTO "gpkg_spatial_ref_sys" VALUES ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]', 'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
INSERT INTO "gpkg_contents" VALUES ('about', 'attributes', 'about', '', '2026-11-23T23:44:45.556Z', NULL, NULL, NULL, NULL, 0);
INSERT INTO "gpkg_contents" VALUES ('t_village', 'features', 't_village', '', '2026-11-23T23:44:46.282Z', 107.0, 14.0, 107.0003, 14.1, 4326);
INSERT INTO "gpkg_contents" VALUES ('t_commune_status', 'attributes', 't_commune_status', '', '2026-11-23T23:44:46.048Z', NULL, NULL, NULL, NULL, 0);
INSERT INTO "gpkg_ogr_contents" VALUES ('about', 1);
INSERT INTO "gpkg_ogr_contents" VALUES ('t_village', 5);
INSERT INTO "gpkg_ogr_contents" VALUES ('t_commune_status', 2);
INSERT INTO "gpkg_geometry_columns" VALUES ('t_village', 'geom', 'GEOMETRY', 4326, 0, 0);
INSERT INTO "about" VALUES (1, 'schema', '1');
INSERT INTO "imports" VALUES (1, 'thon', 'village', 'until-2025-06-30', '2025-06-30', '1', 'thôn.geojson', '0', '2025-07-01T02:30:00+00:00', 3, 3, '{"code": 3}', '[]', '0.1.0', 1);
INSERT INTO "imports" VALUES (2, 'ket_qua', 'commune_status', 'until-2025-06-30', '2025-06-30', '2', 'kết quả.xlsx', '0', '2025-07-01T02:30:00+00:00', 3, 2, '{"code": 2}', '[{"code": "W-X", "rule": "r"}]', '0.1.0', 1);
INSERT INTO "quarantine" VALUES (2, 'a.csv', NULL, NULL, 4, 'Kết quả', '''; --', 'E-X', 'r', 'a', NULL);
INSERT INTO "matches" VALUES (1, 2, NULL, 'Hà Mòn', NULL, 'matched', 'code', '23521', NULL, NULL, NULL);
INSERT INTO "t_village" VALUES (1, X'47500003E61000000000000000C05A40B22E6EA301C05A400000000000002C403333333333332C4001030000000100000005000000B22E6EA301C05A400000000000002C40B22E6EA301C05A403333333333332C400000000000C05A403333333333332C400000000000C05A400000000000002C40B22E6EA301C05A400000000000002C40', 1, 'thon', '2025-06-30', '10001-00000', 'Thôn', NULL, NULL, NULL, NULL, NULL, NULL, 1);
INSERT INTO "t_village" VALUES (2, X'47500001E61000000101000000B22E6EA301C05A400000000000002C40', 1, 'thon', '2025-06-30', '10001-00001', 'Thôn', NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO "t_village" VALUES (3, X'47500003E6100000645DDC4603C05A40168C4AEA04C05A400000000000002C403333333333332C4001030000000100000005000000168C4AEA04C05A400000000000002C40168C4AEA04C05A403333333333332C40645DDC4603C05A403333333333332C40645DDC4603C05A400000000000002C40168C4AEA04C05A400000000000002C40', 1, 'thon', '2025-06-30', '10001-00002', 'Thôn', NULL, NULL, NULL, NULL, NULL, NULL, 3);
INSERT INTO "t_village" VALUES (4, X'47500003E61000000000000000C05A40B22E6EA301C05A400000000000002C403333333333332C4001030000000100000005000000B22E6EA301C05A400000000000002C40B22E6EA301C05A403333333333332C400000000000C05A403333333333332C400000000000C05A400000000000002C40B22E6EA301C05A400000000000002C40', 3, 'thon', '2025-06-30', '10001-00000', 'Thôn', NULL, NULL, NULL, NULL, NULL, NULL, 1);
INSERT INTO "t_village" VALUES (5, X'47500001E61000000101000000B22E6EA301C05A400000000000002C40', 3, 'thon', '2025-06-30', '10001-00001', 'Thôn', NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO "gpkg_extensions" VALUES ('t_village', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only');
INSERT INTO "rtree_t_village_geom" VALUES (1, 107.0, 1.07000114440917968748e+02, 14.0, 1.41000003814697265629e+01);
INSERT INTO "rtree_t_village_geom" VALUES (2, 1.07000099182128906251e+02, 1.07000114440917968748e+02, 14.0, 14.0);
INSERT INTO "rtree_t_village_geom" VALUES (3, 1.07000198364257812497e+02, 1.07000312805175781252e+02, 14.0, 1.41000003814697265629e+01);
INSERT INTO "rtree_t_village_geom" VALUES (4, 107.0, 1.07000114440917968748e+02, 14.0, 1.41000003814697265629e+01);
INSERT INTO "rtree_t_village_geom" VALUES (5, 1.07000099182128906251e+02, 1.07000114440917968748e+02, 14.0, 14.0);
INSERT INTO "t_commune_status" VALUES (1, 2, 'ket_qua', '2025-06-30', '10001', NULL, NULL, NULL, 'ntm', NULL, '12/QĐ-UBND', NULL, NULL, 'met', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO "t_commune_status" VALUES (2, 2, 'ket_qua', '2025-06-30', '10002', NULL, NULL, NULL, 'not_yet', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 3);
CREATE TRIGGER "trigger_insert_feature_count_about" AFTER INSERT ON "about" BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count + 1 WHERE lower(table_name) = lower('about'); END;
CREATE TRIGGER "trigger_delete_feature_count_about" AFTER DELETE ON "about" BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count - 1 WHERE lower(table_name) = lower('about'); END;
CREATE TRIGGER "rtree_t_village_geom_insert" AFTER INSERT ON "t_village" WHEN (new."geom" NOT NULL AND NOT ST_IsEmpty(NEW."geom")) BEGIN INSERT OR REPLACE INTO "rtree_t_village_geom" VALUES (NEW."fid",ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"),ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER "rtree_t_village_geom_update6" AFTER UPDATE OF "geom" ON "t_village" WHEN OLD."fid" = NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom")) AND (OLD."geom" NOTNULL AND NOT ST_IsEmpty(OLD."geom")) BEGIN UPDATE "rtree_t_village_geom" SET minx = ST_MinX(NEW."geom"), maxx = ST_MaxX(NEW."geom"),miny = ST_MinY(NEW."geom"), maxy = ST_MaxY(NEW."geom") WHERE id = NEW."fid";END;
CREATE TRIGGER "rtree_t_village_geom_update7" AFTER UPDATE OF "geom" ON "t_village" WHEN OLD."fid" = NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom")) AND (OLD."geom" ISNULL OR ST_IsEmpty(OLD."geom")) BEGIN INSERT INTO "rtree_t_village_geom" VALUES (NEW."fid",ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"),ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER "rtree_t_village_geom_update2" AFTER UPDATE OF "geom" ON "t_village" WHEN OLD."fid" = NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom")) BEGIN DELETE FROM "rtree_t_village_geom" WHERE id = OLD."fid"; END;
CREATE TRIGGER "rtree_t_village_geom_update5" AFTER UPDATE ON "t_village" WHEN OLD."fid" != NEW."fid" AND (NEW."geom" NOTNULL AND NOT ST_IsEmpty(NEW."geom")) BEGIN DELETE FROM "rtree_t_village_geom" WHERE id = OLD."fid"; INSERT OR REPLACE INTO "rtree_t_village_geom" VALUES (NEW."fid",ST_MinX(NEW."geom"), ST_MaxX(NEW."geom"),ST_MinY(NEW."geom"), ST_MaxY(NEW."geom")); END;
CREATE TRIGGER "rtree_t_village_geom_update4" AFTER UPDATE ON "t_village" WHEN OLD."fid" != NEW."fid" AND (NEW."geom" ISNULL OR ST_IsEmpty(NEW."geom")) BEGIN DELETE FROM "rtree_t_village_geom" WHERE id IN (OLD."fid", NEW."fid"); END;
CREATE TRIGGER "rtree_t_village_geom_delete" AFTER DELETE ON "t_village" WHEN old."geom" NOT NULL BEGIN DELETE FROM "rtree_t_village_geom" WHERE id = OLD."fid"; END;
CREATE TRIGGER "trigger_insert_feature_count_t_commune_status" AFTER INSERT ON "t_commune_status" BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count + 1 WHERE lower(table_name) = lower('t_commune_status'); END;
CREATE TRIGGER "trigger_delete_feature_count_t_commune_status" AFTER DELETE ON "t_commune_status" BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count - 1 WHERE lower(table_name) = lower('t_commune_status'); END;
CREATE TRIGGER "trigger_insert_feature_count_t_village" AFTER INSERT ON "t_village" BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count + 1 WHERE lower(table_name) = lower('t_village'); END;
CREATE TRIGGER "trigger_delete_feature_count_t_village" AFTER DELETE ON "t_village" BEGIN UPDATE gpkg_ogr_contents SET feature_count = feature_count - 1 WHERE lower(table_name) = lower('t_village'); END;
