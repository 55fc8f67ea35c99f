<?xml version="1.0" encoding="UTF-8"?>
<!-- An invoice as a page in Turkish. Written for this project; every text of the document goes through value-of, so
     nothing of it can become markup. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:inv="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
    xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
    xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
    exclude-result-prefixes="inv cac cbc">
  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>
  <xsl:decimal-format name="tr" decimal-separator="," grouping-separator="."/>
  <xsl:param name="qr-content"/>
  <xsl:param name="qr-picture"/>
  <xsl:param name="policy"/>

  <xsl:template match="/">
    <html lang="tr">
      <head>
        <meta http-equiv="Content-Security-Policy" content="{$policy}"/>
        <meta name="referrer" content="no-referrer"/>
        <title><xsl:value-of select="concat('Fatura ', inv:Invoice/cbc:ID)"/></title>
        <style>
          body { font: 13px/1.4 "Segoe UI", Arial, sans-serif; color: #1b1f24; max-width: 900px; margin: 24px auto; padding: 0 16px; }
          h1 { font-size: 20px; margin: 0; } h2 { font-size: 12px; text-transform: uppercase; color: #57606a; margin: 0 0 4px; }
          table { border-collapse: collapse; width: 100%; } th, td { padding: 5px 8px; vertical-align: top; text-align: left; }
          .lines { margin: 20px 0; } .lines th { background: #f3f4f6; border-bottom: 2px solid #1b1f24; }
          .lines td { border-bottom: 1px solid #d8dee4; } .n { text-align: right; white-space: nowrap; }
          .pair { display: flex; gap: 24px; justify-content: space-between; margin: 18px 0; } .pair &gt; * { flex: 1; }
          .facts td, .sums td { padding: 2px 8px; } .sums .pay td { font-weight: bold; border-top: 2px solid #1b1f24; }
          .qr { max-width: 150px; } .qr img { width: 150px; height: 150px; } .small { color: #57606a; font-size: 11px; overflow-wrap: anywhere; }
          pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 10px; color: #57606a; }
          @media print { body { margin: 0; max-width: none; } }
        </style>
      </head>
      <body><xsl:apply-templates select="inv:Invoice"/></body>
    </html>
  </xsl:template>

  <xsl:template match="inv:Invoice">
    <div class="pair">
      <div>
        <h1>
          <xsl:choose>
            <xsl:when test="cbc:ProfileID = 'EARSIVFATURA'">e-Arşiv Fatura</xsl:when>
            <xsl:otherwise>e-Fatura</xsl:otherwise>
          </xsl:choose>
        </h1>
        <table class="facts">
          <xsl:call-template name="fact"><xsl:with-param name="name">Fatura no</xsl:with-param><xsl:with-param name="value" select="cbc:ID"/></xsl:call-template>
          <xsl:call-template name="fact"><xsl:with-param name="name">Tarih</xsl:with-param><xsl:with-param name="value" select="concat(cbc:IssueDate, ' ', cbc:IssueTime)"/></xsl:call-template>
          <xsl:call-template name="fact"><xsl:with-param name="name">Senaryo</xsl:with-param><xsl:with-param name="value" select="cbc:ProfileID"/></xsl:call-template>
          <xsl:call-template name="fact"><xsl:with-param name="name">Fatura tipi</xsl:with-param><xsl:with-param name="value" select="cbc:InvoiceTypeCode"/></xsl:call-template>
          <xsl:call-template name="fact"><xsl:with-param name="name">ETTN</xsl:with-param><xsl:with-param name="value" select="cbc:UUID"/></xsl:call-template>
          <xsl:call-template name="fact"><xsl:with-param name="name">Sipariş no</xsl:with-param><xsl:with-param name="value" select="cac:OrderReference/cbc:ID"/></xsl:call-template>
          <xsl:for-each select="cac:DespatchDocumentReference">
            <xsl:call-template name="fact"><xsl:with-param name="name">İrsaliye</xsl:with-param><xsl:with-param name="value" select="concat(cbc:ID, ' ', cbc:IssueDate)"/></xsl:call-template>
          </xsl:for-each>
          <xsl:for-each select="cac:BillingReference/cac:InvoiceDocumentReference">
            <xsl:call-template name="fact"><xsl:with-param name="name">İlgili fatura</xsl:with-param><xsl:with-param name="value" select="concat(cbc:ID, ' ', cbc:IssueDate)"/></xsl:call-template>
          </xsl:for-each>
        </table>
      </div>
      <xsl:if test="$qr-picture"><div class="qr"><img alt="Karekod" src="{$qr-picture}"/></div></xsl:if>
    </div>
    <div class="pair">
      <xsl:apply-templates select="cac:AccountingSupplierParty/cac:Party"><xsl:with-param name="title">Satıcı</xsl:with-param></xsl:apply-templates>
      <xsl:apply-templates select="cac:AccountingCustomerParty/cac:Party"><xsl:with-param name="title">Alıcı</xsl:with-param></xsl:apply-templates>
    </div>
    <xsl:for-each select="cac:BuyerCustomerParty/cac:Party">
      <div class="pair"><xsl:apply-templates select="."><xsl:with-param name="title">Asıl alıcı</xsl:with-param></xsl:apply-templates></div>
    </xsl:for-each>
    <table class="lines">
      <thead>
        <tr><th class="n">Sıra</th><th>Mal / hizmet</th><th class="n">Miktar</th><th class="n">Birim fiyat</th><th class="n">İndirim / artırım</th><th>Vergiler</th><th class="n">Tutar</th></tr>
      </thead>
      <tbody><xsl:apply-templates select="cac:InvoiceLine"/></tbody>
    </table>
    <div class="pair">
      <div>
        <xsl:if test="cbc:Note"><h2>Notlar</h2><xsl:for-each select="cbc:Note"><div><xsl:value-of select="."/></div></xsl:for-each></xsl:if>
        <xsl:for-each select=".//cac:TaxSubtotal/cac:TaxCategory[cbc:TaxExemptionReason and not(ancestor::cac:InvoiceLine)]">
          <div>İstisna: <xsl:value-of select="concat(cbc:TaxExemptionReasonCode, ' ', cbc:TaxExemptionReason)"/></div>
        </xsl:for-each>
        <xsl:for-each select="cac:PaymentMeans">
          <div>Ödeme: <xsl:value-of select="concat(cbc:PaymentMeansCode, ' ', cac:PayeeFinancialAccount/cbc:ID, ' ', cbc:PaymentDueDate)"/></div>
        </xsl:for-each>
        <xsl:for-each select="cac:PricingExchangeRate">
          <div>Kur: 1 <xsl:value-of select="concat(cbc:SourceCurrencyCode, ' = ', cbc:CalculationRate, ' ', cbc:TargetCurrencyCode)"/></div>
        </xsl:for-each>
      </div>
      <table class="sums">
        <xsl:apply-templates select="cac:LegalMonetaryTotal/cbc:LineExtensionAmount" mode="sum"><xsl:with-param name="name">Mal / hizmet toplamı</xsl:with-param></xsl:apply-templates>
        <xsl:apply-templates select="cac:LegalMonetaryTotal/cbc:AllowanceTotalAmount" mode="sum"><xsl:with-param name="name">Toplam indirim</xsl:with-param></xsl:apply-templates>
        <xsl:apply-templates select="cac:LegalMonetaryTotal/cbc:ChargeTotalAmount" mode="sum"><xsl:with-param name="name">Toplam artırım</xsl:with-param></xsl:apply-templates>
        <xsl:apply-templates select="cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount" mode="sum"><xsl:with-param name="name">Vergiler hariç tutar</xsl:with-param></xsl:apply-templates>
        <xsl:for-each select="cac:TaxTotal/cac:TaxSubtotal">
          <xsl:apply-templates select="cbc:TaxAmount" mode="sum"><xsl:with-param name="name"><xsl:call-template name="tax"/></xsl:with-param></xsl:apply-templates>
        </xsl:for-each>
        <xsl:apply-templates select="cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount" mode="sum"><xsl:with-param name="name">Vergiler dahil tutar</xsl:with-param></xsl:apply-templates>
        <xsl:for-each select="cac:WithholdingTaxTotal/cac:TaxSubtotal">
          <xsl:apply-templates select="cbc:TaxAmount" mode="sum"><xsl:with-param name="name">Tevkifat: <xsl:call-template name="tax"/></xsl:with-param></xsl:apply-templates>
        </xsl:for-each>
        <xsl:apply-templates select="cac:LegalMonetaryTotal/cbc:PayableRoundingAmount" mode="sum"><xsl:with-param name="name">Yuvarlama</xsl:with-param></xsl:apply-templates>
        <xsl:apply-templates select="cac:LegalMonetaryTotal/cbc:PayableAmount" mode="sum"><xsl:with-param name="name">Ödenecek tutar</xsl:with-param><xsl:with-param name="class">pay</xsl:with-param></xsl:apply-templates>
      </table>
    </div>
    <xsl:if test="$qr-content"><h2>Karekod içeriği</h2><pre><xsl:value-of select="$qr-content"/></pre></xsl:if>
    <p class="small">Bu sayfa faturanın görüntüsüdür; fatura, imzalı XML belgesidir.</p>
  </xsl:template>

  <xsl:template match="cac:Party">
    <xsl:param name="title"/>
    <div>
      <h2><xsl:value-of select="$title"/></h2>
      <strong><xsl:value-of select="cac:PartyName/cbc:Name"/><xsl:text> </xsl:text><xsl:value-of select="concat(cac:Person/cbc:FirstName, ' ', cac:Person/cbc:FamilyName)"/></strong>
      <xsl:for-each select="cac:PostalAddress">
        <div>
          <xsl:for-each select="cbc:StreetName | cbc:BuildingName | cbc:BuildingNumber | cbc:Room | cbc:PostalZone | cbc:CitySubdivisionName | cbc:CityName | cac:Country/cbc:Name">
            <xsl:value-of select="."/><xsl:text> </xsl:text>
          </xsl:for-each>
        </div>
      </xsl:for-each>
      <xsl:for-each select="cac:PartyIdentification/cbc:ID"><div><xsl:value-of select="concat(@schemeID, ': ', .)"/></div></xsl:for-each>
      <xsl:if test="cac:PartyTaxScheme/cac:TaxScheme/cbc:Name"><div>Vergi dairesi: <xsl:value-of select="cac:PartyTaxScheme/cac:TaxScheme/cbc:Name"/></div></xsl:if>
      <xsl:for-each select="cac:Contact/cbc:Telephone | cac:Contact/cbc:ElectronicMail | cbc:WebsiteURI"><div><xsl:value-of select="."/></div></xsl:for-each>
    </div>
  </xsl:template>

  <xsl:template match="cac:InvoiceLine">
    <tr>
      <td class="n"><xsl:value-of select="cbc:ID"/></td>
      <td>
        <xsl:value-of select="cac:Item/cbc:Name"/>
        <xsl:for-each select="cac:Item/cbc:Description | cbc:Note"><div class="small"><xsl:value-of select="."/></div></xsl:for-each>
      </td>
      <td class="n">
        <xsl:call-template name="number"><xsl:with-param name="value" select="cbc:InvoicedQuantity"/><xsl:with-param name="pattern">#.##0,########</xsl:with-param></xsl:call-template>
        <xsl:text> </xsl:text><xsl:call-template name="unit"/>
      </td>
      <td class="n"><xsl:call-template name="number"><xsl:with-param name="value" select="cac:Price/cbc:PriceAmount"/><xsl:with-param name="pattern">#.##0,00######</xsl:with-param></xsl:call-template></td>
      <td class="n">
        <xsl:for-each select="cac:AllowanceCharge">
          <div><xsl:choose><xsl:when test="cbc:ChargeIndicator = 'true'">+</xsl:when><xsl:otherwise>−</xsl:otherwise></xsl:choose><xsl:call-template name="number"><xsl:with-param name="value" select="cbc:Amount"/></xsl:call-template></div>
        </xsl:for-each>
      </td>
      <td>
        <xsl:for-each select="cac:TaxTotal/cac:TaxSubtotal | cac:WithholdingTaxTotal/cac:TaxSubtotal">
          <div><xsl:if test="parent::cac:WithholdingTaxTotal">Tevkifat: </xsl:if><xsl:call-template name="tax"/><xsl:text> </xsl:text><xsl:call-template name="number"><xsl:with-param name="value" select="cbc:TaxAmount"/></xsl:call-template></div>
        </xsl:for-each>
      </td>
      <td class="n"><xsl:call-template name="number"><xsl:with-param name="value" select="cbc:LineExtensionAmount"/></xsl:call-template><xsl:text> </xsl:text><xsl:value-of select="cbc:LineExtensionAmount/@currencyID"/></td>
    </tr>
  </xsl:template>

  <xsl:template match="*" mode="sum">
    <xsl:param name="name"/>
    <xsl:param name="class"/>
    <tr class="{$class}">
      <td><xsl:value-of select="$name"/></td>
      <td class="n"><xsl:call-template name="number"><xsl:with-param name="value" select="."/></xsl:call-template><xsl:text> </xsl:text><xsl:value-of select="@currencyID"/></td>
    </tr>
  </xsl:template>

  <xsl:template name="fact">
    <xsl:param name="name"/>
    <xsl:param name="value"/>
    <xsl:if test="normalize-space($value)"><tr><td><xsl:value-of select="$name"/></td><td><xsl:value-of select="$value"/></td></tr></xsl:if>
  </xsl:template>

  <xsl:template name="tax">
    <xsl:choose>
      <xsl:when test="normalize-space(cac:TaxCategory/cac:TaxScheme/cbc:Name)"><xsl:value-of select="cac:TaxCategory/cac:TaxScheme/cbc:Name"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="cac:TaxCategory/cac:TaxScheme/cbc:TaxTypeCode"/></xsl:otherwise>
    </xsl:choose>
    <xsl:if test="cbc:Percent"> %<xsl:value-of select="cbc:Percent"/></xsl:if>
  </xsl:template>

  <!-- The units that most invoices use; others are shown as their code. -->
  <xsl:template name="unit">
    <xsl:variable name="code" select="cbc:InvoicedQuantity/@unitCode"/>
    <xsl:choose>
      <xsl:when test="$code = 'C62' or $code = 'NIU'">adet</xsl:when>
      <xsl:when test="$code = 'KGM'">kg</xsl:when>
      <xsl:when test="$code = 'GRM'">g</xsl:when>
      <xsl:when test="$code = 'TNE'">ton</xsl:when>
      <xsl:when test="$code = 'LTR'">litre</xsl:when>
      <xsl:when test="$code = 'MTR'">m</xsl:when>
      <xsl:when test="$code = 'MTK'">m²</xsl:when>
      <xsl:when test="$code = 'MTQ'">m³</xsl:when>
      <xsl:when test="$code = 'HUR'">saat</xsl:when>
      <xsl:when test="$code = 'DAY'">gün</xsl:when>
      <xsl:when test="$code = 'MON'">ay</xsl:when>
      <xsl:when test="$code = 'ANN'">yıl</xsl:when>
      <xsl:when test="$code = 'KWH'">kWh</xsl:when>
      <xsl:when test="$code = 'SET'">set</xsl:when>
      <xsl:when test="$code = 'PA'">paket</xsl:when>
      <xsl:when test="$code = 'BX'">kutu</xsl:when>
      <xsl:when test="$code = 'PR'">çift</xsl:when>
      <xsl:otherwise><xsl:value-of select="$code"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- What is no number is shown as it was written. -->
  <xsl:template name="number">
    <xsl:param name="value"/>
    <xsl:param name="pattern">#.##0,00</xsl:param>
    <xsl:choose>
      <xsl:when test="number($value) = number($value)"><xsl:value-of select="format-number($value, $pattern, 'tr')"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="$value"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>
</xsl:stylesheet>
